import { rmSync } from 'node:fs'
import { open } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import { MidsentenceError } from '@midsentence/core'
import { dataFileIn } from '../directory/data-file.ts'
import { makePrivate } from '../directory/permissions.ts'
import { checkFree, createPartial, placeDirectory } from './place-directory.ts'
import { withReadOnly } from './read-only.ts'
import { type StoreReport, verifyStore } from './verify.ts'

/**
 * Copies the store in `directory`, as of one moment, into the new directory `to`, also while a server writes to it. Keeps
 * the copy only if all of it verifies. The copy has the same log id and sessions: never serve both.
 */
export async function backupStore(directory: string, to: string): Promise<StoreReport> {
  const target = resolve(to)
  checkFree(target)
  const partial = createPartial(target)
  try {
    await withReadOnly(directory, environment => environment.copyTo(partial))
    makePrivate(partial)
    const report = await verifyStore(partial)
    const [problem] = report.problems
    if (problem !== undefined) throw new MidsentenceError('internal', `The copy is damaged: ${problem}`)
    await flush(dataFileIn(partial))
    placeDirectory(partial, target)
    if (process.platform !== 'win32') await flush(dirname(target))
    return report
  } finally {
    rmSync(partial, { recursive: true, force: true })
  }
}

async function flush(path: string): Promise<void> {
  const file = await open(path, 'r')
  try {
    await file.sync()
  } finally {
    await file.close()
  }
}
