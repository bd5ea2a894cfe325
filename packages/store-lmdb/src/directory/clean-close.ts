import { readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { dataFileIn } from './data-file.ts'

/** Name of the mark in the directory. */
const MARK = 'clean-close'

/** Marks the data file in `directory` as closed by its last writer. On failure there is no mark. */
export function markClean(directory: string): void {
  try {
    writeFileSync(join(directory, MARK), stateOf(directory), { mode: 0o600 })
  } catch {
    // The next open checks all pages.
  }
}

/** Returns whether the data file in `directory` is still as the last writer closed it: neither replaced nor written to. */
export function isClean(directory: string): boolean {
  try {
    return readFileSync(join(directory, MARK), 'utf8') === stateOf(directory)
  } catch {
    return false
  }
}

/** Removes the mark. Call before the first write: the process may end without `markClean`. */
export function removeMark(directory: string): void {
  rmSync(join(directory, MARK), { force: true })
}

/** A copy of a running store can be torn, so another inode counts as another file. */
function stateOf(directory: string): string {
  const { ino, size, mtimeNs } = statSync(dataFileIn(directory), { bigint: true })
  return `${ino} ${size} ${mtimeNs}\n`
}
