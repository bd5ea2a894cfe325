import { chmodSync, readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { MidsentenceError } from '@midsentence/core'

/** The files of a store, and the directory of its scores. */
const FILES = ['data.mdb', 'lock.mdb', 'in-use.sock', 'clean-close']
export const SCORE_DIRECTORY = 'score'

const [OWNER_FILE, OWNER_DIRECTORY, OTHERS] = [0o600, 0o700, 0o077]

/**
 * Takes the access of other users away from the files of the store in `directory`, and from the directory if it holds
 * nothing else. Throws `unavailable` if that is not permitted. Windows has no such modes.
 */
export function makePrivate(directory: string): void {
  if (process.platform === 'win32') return
  const found = readdirSync(directory)
  if (found.every(name => FILES.includes(name) || name === SCORE_DIRECTORY)) setMode(directory, OWNER_DIRECTORY)
  for (const name of found) if (FILES.includes(name)) setMode(join(directory, name), OWNER_FILE)
}

function setMode(path: string, mode: number): void {
  if ((statSync(path).mode & OTHERS) === 0) return
  try {
    chmodSync(path, mode)
  } catch (cause) {
    const reason = (cause as NodeJS.ErrnoException).code ?? String(cause)
    throw new MidsentenceError(
      'unavailable',
      `Other users may read ${path}, and its mode cannot be changed (${reason}): run chmod go-rwx on it as its owner, or choose another directory.`,
      { cause },
    )
  }
}
