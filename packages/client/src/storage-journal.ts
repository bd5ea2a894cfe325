import { type Fact, type Journal, MidsentenceError } from '@midsentence/core'

/** What a journal needs of a page's `localStorage`. */
export type StorageLike = Pick<Storage, 'getItem' | 'setItem' | 'removeItem'>

interface Head {
  readonly midsentence: 'journal'
  readonly version: 1
  /** The generation that counts: its entries are `key.generation.0`, `key.generation.1`, … */
  readonly generation: number
  /** How often it was opened: who opened it last owns it. */
  readonly opened: number
}

/**
 * A journal in a page's storage, under `key` and names that begin with it. What was appended survives the page; it
 * holds a token, as secret as everything in that storage. Where a second page opens the journal, the first one's next
 * write fails and says so.
 */
export function storageJournal(storage: StorageLike, key: string): Journal {
  let own: { head: Head; written: string; entries: number } | undefined
  let closed = false

  const nameOf = (generation: number, entry: number) => `${key}.${generation}.${entry}`

  const count = (generation: number): number => {
    let entries = 0
    while (storage.getItem(nameOf(generation, entries)) !== null) entries++
    return entries
  }

  /** From the last to the first, so that what a crash leaves is found by counting. */
  const remove = (generation: number, entries: number): void => {
    for (let entry = entries - 1; entry >= 0; entry--) storage.removeItem(nameOf(generation, entry))
  }

  const lead = (head: Head, entries: number) => {
    const written = JSON.stringify(head)
    storage.setItem(key, written)
    own = { head, written, entries }
    return own
  }

  const open = () => {
    const before = storage.getItem(key)
    const { generation, opened } = headOf(key, before)
    // Entries without their head are of a journal that somebody removed.
    if (before === null) remove(generation, count(generation))
    const opening = lead({ midsentence: 'journal', version: 1, generation, opened: opened + 1 }, count(generation))
    // What a replacement that did not end has left behind.
    for (const other of [generation - 1, generation + 1]) remove(other, count(other))
    return opening
  }

  const owned = () => {
    const now = own ?? open()
    if (storage.getItem(key) === now.written) return now
    throw new MidsentenceError(
      'unavailable',
      `Another page has opened the journal ${key}: go on there, or open it here again.`,
    )
  }

  const attempt = async <A>(act: () => A): Promise<A> => {
    if (closed) throw new MidsentenceError('unavailable', `The journal ${key} is closed.`)
    try {
      return act()
    } catch (cause) {
      if (cause instanceof MidsentenceError) throw cause
      const advice = 'make room in the storage of this page, or allow it.'
      throw new MidsentenceError('internal', `The journal ${key} could not be read or written: ${advice}`, { cause })
    }
  }

  return {
    durability: 'process',
    read: () =>
      attempt(() => {
        const { head, entries } = open()
        const facts: Fact[] = []
        for (let entry = 0; entry < entries; entry++) {
          const name = nameOf(head.generation, entry)
          for (const fact of factsOf(name, storage.getItem(name))) facts.push(fact)
        }
        return facts
      }),
    append: facts =>
      attempt(() => {
        const now = owned()
        if (facts.length === 0) return
        storage.setItem(nameOf(now.head.generation, now.entries), JSON.stringify(facts))
        now.entries++
      }),
    replace: facts =>
      attempt(() => {
        const { head, entries } = owned()
        const generation = head.generation + 1
        remove(generation, count(generation))
        storage.setItem(nameOf(generation, 0), JSON.stringify(facts))
        // From here on it is the new one.
        lead({ ...head, generation }, 1)
        remove(head.generation, entries)
      }),
    close: async () => {
      closed = true
    },
  }
}

function headOf(key: string, text: string | null): Head {
  if (text === null) return { midsentence: 'journal', version: 1, generation: 0, opened: 0 }
  const head = parsed(text) as Partial<Head> | null | undefined
  if (head?.midsentence !== 'journal') {
    throw new MidsentenceError('internal', `The stored entry ${key} is no journal: remove it, or use another key.`)
  }
  if (head.version !== 1) {
    const version = String(head.version)
    throw new MidsentenceError(
      'internal',
      `The journal ${key} is of version ${version}, this program reads version 1: remove it, or use another key.`,
    )
  }
  if (!Number.isSafeInteger(head.generation) || !Number.isSafeInteger(head.opened)) throw damaged(key)
  return head as Head
}

function factsOf(name: string, text: string | null): readonly Fact[] {
  const facts = text === null ? undefined : parsed(text)
  if (!Array.isArray(facts)) throw damaged(name)
  return facts
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

const damaged = (name: string) =>
  new MidsentenceError(
    'internal',
    `The stored entry ${name} is damaged: remove the journal, or use another key, to begin anew.`,
  )
