import { linkSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { MidsentenceError } from '@midsentence/core'

/**
 * Takes the lock file at `path` for this process, and answers how to let go of it. A lock whose process has ended is
 * taken over. Throws `unavailable` while its process lives. Synchronous: two attempts cannot interleave.
 */
export function lock(path: string): () => void {
  const mine = `${process.pid} ${startOf(process.pid)}\n`
  if (!claim(path, mine)) {
    const holder = contentOf(path)
    if (holder !== undefined) takeAway(path, holder)
    if (!claim(path, mine)) throw inUse(path, contentOf(path) ?? '')
  }
  return () => {
    if (contentOf(path) === mine) rmSync(path, { force: true })
  }
}

/** Makes the lock file, content and all at once; false where there is one. */
function claim(path: string, content: string): boolean {
  const draft = `${path}.${process.pid}`
  writeFileSync(draft, content, { mode: 0o600 })
  try {
    linkSync(draft, path)
    return true
  } catch (error) {
    return codeOf(error) !== 'EEXIST' && claimWithoutLinks(path, content)
  } finally {
    rmSync(draft, { force: true })
  }
}

/** For file systems that have no links. For a moment the file is empty. */
function claimWithoutLinks(path: string, content: string): boolean {
  try {
    writeFileSync(path, content, { mode: 0o600, flag: 'wx' })
    return true
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return false
    throw error
  }
}

/** Moves the lock of an ended process out of the way, unless somebody else was faster. */
function takeAway(path: string, holder: string): void {
  if (lives(holder)) throw inUse(path, holder)
  const aside = `${path}.${process.pid}`
  try {
    renameSync(path, aside)
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return
    throw error
  }
  const moved = contentOf(aside)
  // It was a new owner's: given back.
  if (moved !== undefined && moved !== holder) claim(path, moved)
  rmSync(aside, { force: true })
}

function lives(holder: string): boolean {
  const [pid = '', start] = holder.trim().split(' ')
  if (!/^[1-9][0-9]*$/.test(pid)) return false
  try {
    process.kill(Number(pid), 0)
  } catch (error) {
    if (codeOf(error) === 'ESRCH') return false
  }
  // A process that began at another time only got the same number.
  const now = startOf(Number(pid))
  return now === '' || !start || now === start
}

/** When a process began, where the system tells it; else "". */
function startOf(pid: number): string {
  const stat = contentOf(`/proc/${pid}/stat`)
  return stat?.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? ''
}

function contentOf(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return undefined
  }
}

function inUse(path: string, holder: string): MidsentenceError {
  const pid = holder.trim().split(' ')[0]
  const who = Number(pid) === process.pid ? 'this very process' : `process ${pid}`
  return new MidsentenceError(
    'unavailable',
    `The journal is in use by ${who}: close it there, use another path, or remove ${path} where that is wrong.`,
  )
}

const codeOf = (error: unknown) => (error as NodeJS.ErrnoException).code
