import { type Fact, type Journal, MidsentenceError } from '@midsentence/core'

/** The methods of `localStorage` that a journal uses. */
export type StorageLike = Pick<Storage, 'getItem' | 'setItem' | 'removeItem'>

interface StorageJournalHead {
  readonly midsentence: 'journal'
  readonly version: 1
  /** The valid generation. Its entries are `key.generation.0`, `key.generation.1`, … */
  readonly generation: number
  /** How often the journal was opened. The page that opened it last owns it. */
  readonly opened: number
}

/**
 * Creates a journal in a page's storage, under `key` and keys that begin with it. It survives the page. It contains the
 * session's token. When a second page opens the journal, the next write of the first page fails with `unavailable`.
 */
export function storageJournal(storage: StorageLike, key: string): Journal {
  let current: { head: StorageJournalHead; written: string; entries: number } | undefined
  let closed = false

  const nameOf = (generation: number, entry: number) => `${key}.${generation}.${entry}`

  const countEntries = (generation: number): number => {
    let entries = 0
    while (storage.getItem(nameOf(generation, entries)) !== null) entries++
    return entries
  }

  /** Removes the last entry first, so that counting finds the rest after a crash. */
  const removeEntries = (generation: number, entries: number): void => {
    for (let entry = entries - 1; entry >= 0; entry--) storage.removeItem(nameOf(generation, entry))
  }

  const writeHead = (head: StorageJournalHead, entries: number) => {
    const written = JSON.stringify(head)
    storage.setItem(key, written)
    current = { head, written, entries }
    return current
  }

  const open = () => {
    const before = storage.getItem(key)
    const { generation, opened } = parseHead(key, before)
    // Entries without a head belong to a removed journal.
    if (before === null) removeEntries(generation, countEntries(generation))
    const owned = writeHead(
      { midsentence: 'journal', version: 1, generation, opened: opened + 1 },
      countEntries(generation),
    )
    // Rests of an interrupted replacement.
    for (const other of [generation - 1, generation + 1]) removeEntries(other, countEntries(other))
    return owned
  }

  const requireOwner = () => {
    const owned = current ?? open()
    if (storage.getItem(key) === owned.written) return owned
    throw new MidsentenceError(
      'unavailable',
      `Another page has opened the journal ${key}: go on there, or open it here again.`,
    )
  }

  const attempt = async <A>(action: () => A): Promise<A> => {
    if (closed) throw new MidsentenceError('unavailable', `The journal ${key} is closed.`)
    try {
      return action()
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
          for (const fact of parseEntry(name, storage.getItem(name))) facts.push(fact)
        }
        return facts
      }),
    append: facts =>
      attempt(() => {
        const journal = requireOwner()
        if (facts.length === 0) return
        storage.setItem(nameOf(journal.head.generation, journal.entries), JSON.stringify(facts))
        journal.entries++
      }),
    replace: facts =>
      attempt(() => {
        const { head, entries } = requireOwner()
        const generation = head.generation + 1
        removeEntries(generation, countEntries(generation))
        storage.setItem(nameOf(generation, 0), JSON.stringify(facts))
        // This write makes the new generation valid.
        writeHead({ ...head, generation }, 1)
        removeEntries(head.generation, entries)
      }),
    close: async () => {
      closed = true
    },
  }
}

function parseHead(key: string, text: string | null): StorageJournalHead {
  if (text === null) return { midsentence: 'journal', version: 1, generation: 0, opened: 0 }
  const head = parseJson(text) as Partial<StorageJournalHead> | null | undefined
  if (head?.midsentence !== 'journal') {
    throw new MidsentenceError('internal', `The stored entry ${key} is not a journal: remove it, or use another key.`)
  }
  if (head.version !== 1) {
    const version = String(head.version)
    throw new MidsentenceError(
      'internal',
      `The journal ${key} has version ${version}, this program reads version 1: remove it, or use another key.`,
    )
  }
  if (!Number.isSafeInteger(head.generation) || !Number.isSafeInteger(head.opened)) throw damagedError(key)
  return head as StorageJournalHead
}

function parseEntry(name: string, text: string | null): readonly Fact[] {
  const facts = text === null ? undefined : parseJson(text)
  if (!Array.isArray(facts)) throw damagedError(name)
  return facts
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

const damagedError = (name: string) =>
  new MidsentenceError(
    'internal',
    `The stored entry ${name} is damaged: remove the journal, or use another key, to start over.`,
  )
