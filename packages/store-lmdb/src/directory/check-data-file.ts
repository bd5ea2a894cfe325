import { MidsentenceError } from '@midsentence/core'
import { runVerifyProgram, verifyStore } from '../copies/verify.ts'
import { damaged } from '../storage/errors.ts'
import { inspectDataFile } from './data-file.ts'

/**
 * Resolves if LMDB can safely map the data file in `path`, or none exists. Rejects with `internal` otherwise. `verify` reads
 * all of a file that is too short.
 */
export async function checkDataFile(path: string, verify = verifyStore): Promise<void> {
  const state = inspectDataFile(path)
  if (state === 'absent' || state === 'whole') return
  if (state === 'foreign')
    throw new MidsentenceError(
      'internal',
      `The file data.mdb in ${path} is not a store, or its first pages are damaged: choose another directory, or restore a backup.`,
    )
  // Only reading everything shows whether a page is missing.
  const { problems } = await verify(path)
  if (problems.length > 0) throw damaged(`its file is too short, and ${problems[0]}`)
}

/**
 * Resolves if a child process can read all pages of the data file in `path`, or none exists.
 * Rejects with `internal` if they are damaged.
 */
export async function checkPagesOf(path: string): Promise<void> {
  if (inspectDataFile(path) === 'absent') return
  const { failure } = await runVerifyProgram(path, 'pages')
  // Other failures are no danger to this process, which meets them itself.
  if (!failure?.startsWith('SIG')) return
  throw new MidsentenceError(
    'internal',
    `The store in ${path} has damaged pages: reading them ended a process (${failure}). To list the damage, run: midsentence verify. Then restore a backup. Without one, midsentence export --to FILE writes what it can read before the damage.`,
  )
}
