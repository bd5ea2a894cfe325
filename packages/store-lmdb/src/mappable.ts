import { MidsentenceError } from '@midsentence/core'
import { damaged } from './damage.ts'
import { lookAtDataFile } from './data-file.ts'
import { verifyStore } from './verify.ts'

/** Resolves where LMDB may map the data file of `path`, or there is none yet. Rejects with a sentence where it may not. */
export async function mappable(path: string): Promise<void> {
  const found = lookAtDataFile(path)
  if (found === 'absent' || found === 'whole') return
  if (found === 'foreign')
    throw new MidsentenceError(
      'internal',
      `The file data.mdb in ${path} is no store, or its beginning is damaged: choose another directory, or restore a backup.`,
    )
  // Whether anything is missing, only reading all of it tells.
  const { problems } = await verifyStore(path)
  if (problems.length > 0) throw damaged(`its file is too short, and ${problems[0]}`)
}
