import { appendFileSync, closeSync, existsSync, openSync, readFileSync, truncateSync } from 'node:fs'
import { MidsentenceError } from '@midsentence/core'
import { expandHome } from '../../settings/read-text-file.ts'
import { usageError } from '../../usage-error.ts'
import type { LiveHeader, LiveRecord } from './live-record.ts'

/** A file of live runs, one JSON value a line: first the settings, then every run. */
export interface LiveFile {
  /** The lines that were in it. */
  readonly records: readonly LiveRecord[]
  append(record: LiveRecord): void
}

/** Creates a file. Throws a usage error if it exists: runs of models cost money. */
export function createLiveFile(name: string, header: LiveHeader): LiveFile {
  const path = expandHome(name)
  try {
    closeSync(openSync(path, 'wx'))
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    if (code !== 'EEXIST') throw usageError(`--json cannot write ${name}: ${message}.`)
    throw usageError(`${name} exists: go on with its runs by --resume, or name another file.`)
  }
  appendLine(path, header)
  return { records: [], append: record => appendLine(path, record) }
}

/**
 * Opens a file to go on with its runs, and removes a last line that is not complete. Throws a usage error if it does not exist, or
 * if its runs were played with other settings.
 */
export function resumeLiveFile(name: string, header: LiveHeader): LiveFile {
  const path = expandHome(name)
  if (!existsSync(path)) throw usageError(`There is no ${name} to resume: leave out --resume.`)
  const bytes = readFileSync(path)
  const complete = bytes.subarray(0, bytes.lastIndexOf(0x0a) + 1)
  const [first, ...records] = parseLines(complete.toString('utf8'), name)
  const other = differenceOf(first, header)
  if (other !== undefined)
    throw usageError(
      `The runs in ${name} were played with other settings (${other}): resume with those, or name another file.`,
    )
  if (complete.length < bytes.length) truncateSync(path, complete.length)
  return { records: records as LiveRecord[], append: record => appendLine(path, record) }
}

function appendLine(path: string, line: LiveHeader | LiveRecord): void {
  try {
    appendFileSync(path, `${JSON.stringify(line)}\n`)
  } catch (cause) {
    throw new MidsentenceError('unavailable', `${path} cannot be written: ${(cause as Error).message}`, { cause })
  }
}

function parseLines(text: string, name: string): readonly unknown[] {
  try {
    return text
      .split('\n')
      .filter(line => line !== '')
      .map(line => JSON.parse(line))
  } catch {
    throw usageError(`${name} holds no live runs: it has a line that is no JSON.`)
  }
}

/** Names the first setting that differs, with its value in the file. */
function differenceOf(first: unknown, { settings, midsentence }: LiveHeader): string | undefined {
  const found = Object(first) as Partial<LiveHeader>
  if (found.type !== 'live settings') return 'it does not begin with settings of live runs'
  if (found.midsentence !== midsentence) return `midsentence ${found.midsentence}`
  const [theirs, ours] = [Object(found.settings), settings] as readonly Readonly<Record<string, unknown>>[]
  const key = Object.keys({ ...theirs, ...ours }).find(
    each => JSON.stringify(theirs![each]) !== JSON.stringify(ours![each]),
  )
  return key === undefined ? undefined : `${key}: ${JSON.stringify(theirs![key]) ?? 'not given'}`
}
