import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { open } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import { isMidsentenceError, MidsentenceError } from '@midsentence/core'
import { dataFileIn } from './data-file.ts'
import { reading } from './reading.ts'
import { openStore } from './store.ts'
import { type StoreReport, verifyStore } from './verify.ts'
import { AHEAD_BYTES, aheadFileIn, aheadIn } from './write-ahead.ts'

/**
 * Copies the store in `directory`, as it is in one moment, into the new directory `to`; a server may go on writing
 * meanwhile. The copy is read through, and counts only where it is whole. A copy of a store that is served goes on as
 * that one did: never serve both.
 */
export async function backupStore(directory: string, to: string): Promise<StoreReport> {
  const target = resolve(to)
  mustBeFree(target)
  const partial = `${target}.partial`
  rmSync(partial, { recursive: true, force: true })
  mkdirSync(partial, { recursive: true, mode: 0o700 })
  try {
    // First what lies ahead: LMDB's part is copied later, and lacks nothing that is not in there.
    const ahead = aheadIn(resolve(directory))
    await reading(directory, environment => environment.copyTo(partial))
    writeFileSync(aheadFileIn(partial), ahead ?? Buffer.alloc(AHEAD_BYTES))
    await putInOrder(partial)
    const report = await verifyStore(partial)
    const [problem] = report.problems
    if (problem !== undefined) throw notWhole(problem)
    await flushed(dataFileIn(partial))
    rmSync(target, { recursive: true, force: true })
    renameSync(partial, target)
    if (process.platform !== 'win32') await flushed(dirname(target))
    return report
  } finally {
    rmSync(partial, { recursive: true, force: true })
  }
}

/** Moves what was ahead into LMDB, so that the copy is one file. */
async function putInOrder(copy: string): Promise<void> {
  try {
    await (await openStore(copy, {})).close()
  } catch (cause) {
    throw notWhole(isMidsentenceError(cause) ? cause.message : String(cause), cause)
  }
}

const notWhole = (problem: string, cause?: unknown): MidsentenceError =>
  new MidsentenceError('internal', `The copy is not whole: ${problem}`, cause === undefined ? {} : { cause })

/** Nothing that is there is ever written over. */
export function mustBeFree(path: string): void {
  if (!existsSync(path)) return
  let content: string[] = ['']
  try {
    content = readdirSync(path)
  } catch {
    // It is no directory.
  }
  if (content.length > 0)
    throw new MidsentenceError('unavailable', `${path} is there already: choose a directory that is new or empty.`)
}

async function flushed(path: string): Promise<void> {
  const file = await open(path, 'r')
  try {
    await file.sync()
  } finally {
    await file.close()
  }
}
