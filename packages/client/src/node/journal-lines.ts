import { type Fact, MidsentenceError } from '@midsentence/core'

/** One record of a journal file: a fact, or facts that were appended together and are kept or dropped together. */
export const lineOf = (record: unknown): string => `${JSON.stringify(record)}\n`

/** What every journal file begins with. */
export const firstLine = lineOf({ midsentence: 'journal', version: 1 })

/**
 * The facts in a journal file, and how many of its bytes are whole lines: what follows them was never acknowledged.
 * Throws where a whole line is damaged, or the file is none of ours.
 */
export function factsIn(
  content: Uint8Array,
  path: string,
): { readonly facts: readonly Fact[]; readonly whole: number } {
  const whole = content.lastIndexOf(newline) + 1
  if (whole === 0) {
    if (firstLine.startsWith(new TextDecoder().decode(content))) return { facts: [], whole }
    throw foreign(path)
  }
  const facts: Fact[] = []
  let start = 0
  for (let number = 1; start < whole; number++) {
    const end = content.indexOf(newline, start)
    const record = parsed(content.subarray(start, end))
    start = end + 1
    if (number === 1) checkFirst(record, path)
    else if (Array.isArray(record)) for (const fact of record) facts.push(checked(fact, path, number))
    else facts.push(checked(record, path, number))
  }
  return { facts, whole }
}

function checkFirst(record: unknown, path: string): void {
  const { midsentence, version } = (record ?? {}) as { midsentence?: unknown; version?: unknown }
  if (midsentence !== 'journal') throw foreign(path)
  if (version === 1) return
  throw new MidsentenceError(
    'internal',
    `The journal ${path} says in line 1 that it is of version ${JSON.stringify(version)}, this program reads version 1: use another path, or the program that wrote it.`,
  )
}

function checked(fact: unknown, path: string, line: number): Fact {
  if (typeof fact === 'object' && fact !== null && 'type' in fact) return fact as Fact
  throw new MidsentenceError(
    'internal',
    `The journal ${path} is damaged in line ${line}: mend or remove that line, or move the file away to begin anew.`,
  )
}

/** undefined for what is no JSON in UTF-8. */
function parsed(line: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(line))
  } catch {
    return undefined
  }
}

const foreign = (path: string) =>
  new MidsentenceError(
    'internal',
    `The file ${path} is no journal (see its line 1): use another path, or move it away.`,
  )

const newline = 0x0a
