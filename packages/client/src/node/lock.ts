import { randomUUID } from 'node:crypto'
import { linkSync, readFileSync, readlinkSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { hostname } from 'node:os'
import { MidsentenceError } from '@midsentence/core'

/** The process that holds a lock. Fields that the system does not provide are "". */
export interface LockHolder {
  readonly pid: number
  /** Start time, which tells the process from a later one under its id. */
  readonly start: string
  /** Name and id of the machine or container. */
  readonly host: string
  /** PID namespace, in which the id counts. */
  readonly namespace: string
  /** Id of the boot of the machine. */
  readonly boot: string
}

/** Describes this process as a holder. */
export function thisProcess(): LockHolder {
  return {
    pid: process.pid,
    start: processStart(process.pid),
    host: `${hostname()} ${readIfPresent('/etc/machine-id')?.slice(0, 8) ?? ''}`,
    namespace: pidNamespace(),
    boot: readIfPresent('/proc/sys/kernel/random/boot_id')?.trim() ?? '',
  }
}

/**
 * Acquires the lock file at `path` and returns the function that releases it. Replaces the lock of an ended process. Throws
 * `unavailable` while the holder runs, or may run on another machine or in another container. Synchronous, so that two
 * attempts in this process cannot interleave.
 */
export function acquireLock(path: string, self: LockHolder = thisProcess()): () => void {
  const mine = `${JSON.stringify(self)}\n`
  if (!createLock(path, mine)) {
    const holder = readIfPresent(path)
    if (holder !== undefined) removeStaleLock(path, holder, self)
    if (!createLock(path, mine)) throw inUseError(readIfPresent(path) ?? '', self)
  }
  return () => {
    if (readIfPresent(path) === mine) rmSync(path, { force: true })
  }
}

/** Returns a name beside `path` that no process uses: ids of processes repeat on other machines and in containers. */
const beside = (path: string): string => `${path}.${randomUUID()}`

/** Creates the lock file with its content in one step. Returns false if it exists. */
function createLock(path: string, content: string): boolean {
  const temporary = beside(path)
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
function removeStaleLock(path: string, holder: string, self: LockHolder): void {
  if (!hasEnded(path, holder, self)) throw inUseError(holder, self)
  const aside = beside(path)
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

/** Parses the content of a lock file. Undefined if it is empty or damaged. */
function parseHolder(text: string): LockHolder | undefined {
  try {
    const { pid, start, host, namespace, boot } = Object(JSON.parse(text)) as Partial<LockHolder>
    if (!Number.isSafeInteger(pid) || pid! < 1) return undefined
    return {
      pid: pid!,
      start: `${start ?? ''}`,
      host: `${host ?? ''}`,
      namespace: `${namespace ?? ''}`,
      boot: `${boot ?? ''}`,
    }
  } catch {
    return undefined
  }
}

/** Whether this process can look at the holder: same machine, same boot, same PID namespace. */
const isVisible = (holder: LockHolder, self: LockHolder): boolean =>
  holder.host === self.host && holder.namespace === self.namespace && holder.boot === self.boot

/** Whether the machine of the holder was started again since. */
const wasRebooted = (holder: LockHolder, self: LockHolder): boolean =>
  holder.host === self.host && holder.boot !== '' && self.boot !== '' && holder.boot !== self.boot

/** Whether the holder has certainly ended. */
function hasEnded(path: string, content: string, self: LockHolder): boolean {
  const holder = parseHolder(content)
  if (!holder) return ageOf(path) > WRITING_MS
  if (wasRebooted(holder, self)) return true
  if (!isVisible(holder, self)) return false
  try {
    process.kill(holder.pid, 0)
  } catch (error) {
    if (errorCode(error) === 'ESRCH') return true
  }
  const [state = ''] = processFields(holder.pid)
  // A zombie has ended, and only waits for its parent.
  if (state === 'Z' || state === 'X') return true
  // A process with another start time only reuses the process id.
  const current = processStart(holder.pid)
  return current !== '' && holder.start !== '' && current !== holder.start
}

/** How long a lock may be without its content where it cannot be created in one step, in milliseconds. */
const WRITING_MS = 10_000

function ageOf(path: string): number {
  const found = statSync(path, { throwIfNoEntry: false })
  return found ? Date.now() - found.mtimeMs : Number.POSITIVE_INFINITY
}

/** Returns the fields of a process from its state on, as `man proc` lists them. Empty if the system has no /proc. */
function processFields(pid: number): readonly string[] {
  const stat = readIfPresent(`/proc/${pid}/stat`)
  return stat?.slice(stat.lastIndexOf(')') + 2).split(' ') ?? []
}

/** Returns the start time of a process, or "" if the system does not provide it. */
const processStart = (pid: number): string => processFields(pid)[19] ?? ''

function pidNamespace(): string {
  try {
    return readlinkSync('/proc/self/ns/pid')
  } catch {
    return ''
  }
}

function readIfPresent(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return undefined
  }
}

function inUseError(content: string, self: LockHolder): MidsentenceError {
  const holder = parseHolder(content)
  const locked = (who: string, remedy: string) =>
    new MidsentenceError('unavailable', `The journal is in use by ${who}`, { data: { reason: 'locked' }, remedy })
  if (holder && !isVisible(holder, self)) {
    const [name] = holder.host.split(' ')
    const where =
      holder.host === self.host ? 'in another container' : `on another machine or in another container (${name})`
    return locked(`process ${holder.pid} ${where}.`, 'end that process, or use another path')
  }
  const who = holder?.pid === self.pid ? 'this process' : holder ? `process ${holder.pid}` : 'another process'
  return locked(who, 'close it there, or use another path')
}

const errorCode = (error: unknown) => (error as NodeJS.ErrnoException).code
