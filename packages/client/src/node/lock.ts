import { linkSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { MidsentenceError } from '@midsentence/core'

/**
 * Acquires the lock file at `path` and returns the function that releases it. Replaces the lock of an ended process. Throws
 * `unavailable` while the holder runs. Synchronous, so that two attempts in this process cannot interleave.
 */
export function acquireLock(path: string): () => void {
  const mine = `${process.pid} ${processStart(process.pid)}\n`
  if (!createLock(path, mine)) {
    const holder = readIfPresent(path)
    if (holder !== undefined) removeStaleLock(path, holder)
    if (!createLock(path, mine)) throw inUseError(path, readIfPresent(path) ?? '')
  }
  return () => {
    if (readIfPresent(path) === mine) rmSync(path, { force: true })
  }
}

/** Creates the lock file with its content in one step. Returns false if it exists. */
function createLock(path: string, content: string): boolean {
  const temporary = `${path}.${process.pid}`
  writeFileSync(temporary, content, { mode: 0o600 })
  try {
    linkSync(temporary, path)
    return true
  } catch (error) {
    return errorCode(error) !== 'EEXIST' && createLockWithoutLinks(path, content)
  } finally {
    rmSync(temporary, { force: true })
  }
}

/** For file systems without hard links. The file is empty for a moment. */
function createLockWithoutLinks(path: string, content: string): boolean {
  try {
    writeFileSync(path, content, { mode: 0o600, flag: 'wx' })
    return true
  } catch (error) {
    if (errorCode(error) === 'EEXIST') return false
    throw error
  }
}

/** Removes the lock of an ended process, unless another process replaced it meanwhile. */
function removeStaleLock(path: string, holder: string): void {
  if (isAlive(holder)) throw inUseError(path, holder)
  const aside = `${path}.${process.pid}`
  try {
    renameSync(path, aside)
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return
    throw error
  }
  const moved = readIfPresent(aside)
  // Another process replaced the lock in between: restore its lock.
  if (moved !== undefined && moved !== holder) createLock(path, moved)
  rmSync(aside, { force: true })
}

function isAlive(holder: string): boolean {
  const [pid = '', start] = holder.trim().split(' ')
  if (!/^[1-9][0-9]*$/.test(pid)) return false
  try {
    process.kill(Number(pid), 0)
  } catch (error) {
    if (errorCode(error) === 'ESRCH') return false
  }
  // A process with another start time only reuses the process id.
  const current = processStart(Number(pid))
  return current === '' || !start || current === start
}

/** Returns the start time of a process, or "" if the system does not provide it. */
function processStart(pid: number): string {
  const stat = readIfPresent(`/proc/${pid}/stat`)
  return stat?.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? ''
}

function readIfPresent(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return undefined
  }
}

function inUseError(path: string, holder: string): MidsentenceError {
  const pid = holder.trim().split(' ')[0]
  const who = Number(pid) === process.pid ? 'this process' : `process ${pid}`
  return new MidsentenceError(
    'unavailable',
    `The journal is in use by ${who}: close it there, use another path, or remove ${path} if that is wrong.`,
  )
}

const errorCode = (error: unknown) => (error as NodeJS.ErrnoException).code
