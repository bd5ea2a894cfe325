import { type Fact, MidsentenceError } from '@midsentence/core'

/** Formats one record: a fact, or facts that were appended together and are kept or dropped together. */
export const toLine = (record: unknown): string => `${JSON.stringify(record)}\n`

/** First line of every journal file. */
export const headerLine = toLine({ midsentence: 'journal', version: 1 })

/**
 * Parses a journal file. Returns its facts and `whole`, the bytes of its complete lines; the rest was never acknowledged.
 * Throws `internal` if a complete line is damaged or the file is not a journal.
 */
export function parseJournal(
  content: Uint8Array,
  path: string,
): { readonly facts: readonly Fact[]; readonly whole: number } {
  const whole = content.lastIndexOf(newline) + 1
  if (whole === 0) {
    if (headerLine.startsWith(new TextDecoder().decode(content))) return { facts: [], whole }
    throw notAJournalError(path)
  }
  const facts: Fact[] = []
  let start = 0
  for (let number = 1; start < whole; number++) {
    const end = content.indexOf(newline, start)
    const record = parseLine(content.subarray(start, end))
    start = end + 1
    if (number === 1) checkHeader(record, path)
    else if (Array.isArray(record)) for (const fact of record) facts.push(checkFact(fact, path, number))
    else facts.push(checkFact(record, path, number))
  }
  return { facts, whole }
}

function checkHeader(record: unknown, path: string): void {
  const { midsentence, version } = (record ?? {}) as { midsentence?: unknown; version?: unknown }
  if (midsentence !== 'journal') throw notAJournalError(path)
  if (version === 1) return
  throw new MidsentenceError(
    'internal',
    `The journal ${path} has version ${JSON.stringify(version)} in line 1, this program reads version 1`,
    { remedy: 'use another path, or the program that wrote it' },
  )
}

function checkFact(fact: unknown, path: string, line: number): Fact {
  if (typeof fact === 'object' && fact !== null && 'type' in fact) return fact as Fact
  throw new MidsentenceError('internal', `The journal ${path} is damaged in line ${line}`, {
    remedy: 'repair or remove that line, or move the file away to start over',
  })
}

/** Returns undefined if the line is not JSON in UTF-8. */
function parseLine(line: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(line))
  } catch {
    return undefined
  }
}

const notAJournalError = (path: string) =>
  new MidsentenceError('internal', `The file ${path} is not a journal (see its line 1)`, {
    remedy: 'use another path, or move it away',
  })

const newline = 0x0a
