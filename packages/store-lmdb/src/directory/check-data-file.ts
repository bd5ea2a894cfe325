import { MidsentenceError } from '@midsentence/core'
import { verifyStore } from '../copies/verify.ts'
import { damaged } from '../storage/errors.ts'
import { inspectDataFile } from './data-file.ts'

/** Resolves if LMDB can safely map the data file in `path`, or none exists. Rejects with `internal` otherwise. */
export async function checkDataFile(path: string): Promise<void> {
  const state = inspectDataFile(path)
  if (state === 'absent' || state === 'whole') return
  if (state === 'foreign')
    throw new MidsentenceError(
      'internal',
      `The file data.mdb in ${path} is not a store, or its first pages are damaged: choose another directory, or restore a backup.`,
    )
  // Only reading everything shows whether a page is missing.
  const { problems } = await verifyStore(path)
  if (problems.length > 0) throw damaged(`its file is too short, and ${problems[0]}`)
}
