import { MidsentenceError } from '../errors.ts'
import type { Fact } from '../machine/facts.ts'
import type { Journal } from '../ports/journal.ts'

/** A journal that lives as long as it is referred to: for tests, and for going on within one process. */
export function memoryJournal(): Journal & { readonly facts: readonly Fact[] } {
  let facts: Fact[] = []
  return {
    durability: 'memory',
    get facts() {
      return facts
    },
    read: async () => [...facts],
    append: async added => {
      for (const fact of added) facts.push(fact)
    },
    replace: async replaced => {
      facts = [...replaced]
    },
    close: async () => {},
  }
}

/** Checks that facts read back are facts: what a journal holds came from outside this process. */
export function checkFacts(values: readonly unknown[]): readonly Fact[] {
  for (const value of values) {
    const type = typeof value === 'object' && value !== null ? (value as { type?: unknown }).type : undefined
    if (typeof type !== 'string' || !known.has(type)) {
      throw new MidsentenceError(
        'internal',
        `The journal holds something that is not a fact of this version (${type}).`,
      )
    }
  }
  return values as readonly Fact[]
}

const known = new Set<string>([
  'appended',
  'undone',
  'reset',
  'pushed',
  'joined',
  'arrived',
  'passed',
  'missed',
  'given',
  'pushing',
  'held',
  'refused',
  'left',
] satisfies Fact['type'][])
