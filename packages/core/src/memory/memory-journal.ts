import { MidsentenceError } from '../errors.ts'
import type { Fact } from '../participant/facts.ts'
import type { Journal } from '../ports/journal.ts'

/**
 * Creates a journal in memory, for tests and for a participant that rejoins within one process. After `close` it accepts
 * calls again once its next owner reads it.
 */
export function memoryJournal(): Journal & { readonly facts: readonly Fact[] } {
  let facts: Fact[] = []
  let closed = false
  const check = () => {
    if (closed) throw new MidsentenceError('unavailable', 'The journal is closed: read it to go on with it.')
  }
  return {
    durability: 'memory',
    get facts() {
      return facts
    },
    read: async () => {
      closed = false
      return [...facts]
    },
    append: async added => {
      check()
      for (const fact of added) facts.push(fact)
    },
    replace: async replaced => {
      check()
      facts = [...replaced]
    },
    close: async () => {
      closed = true
    },
  }
}
