import type { Fact } from '../machine/facts.ts'
import type { Journal } from '../ports/journal.ts'

/** A journal that lives as long as it is referred to, also closed: for tests, and for going on within one process. */
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
