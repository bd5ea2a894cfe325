import type { Closable, StoreHarness } from '@midsentence/conformance'
import type { SessionLog, SessionRecord } from '@midsentence/core'
import {
  type Fact,
  type Journal,
  type Message,
  MidsentenceError,
  type RoomLog,
  type RoomRecord,
} from '@midsentence/core'

/** What of a room log outlives its process. */
export interface LogShelf {
  readonly id: string
  readonly rooms: Map<string, readonly string[]>
}

/** What of a journal or a session log outlives its process. */
export interface LineShelf {
  lines: readonly string[]
}

/** Makes a bad store of a right one: what it returns stands in place of the right one's members. */
export type StoreBug<Store, Shelf> = (right: Store, shelf: Shelf) => Partial<Store>

/** Benches of stores over shelves: what is on a shelf outlives close and crash. */
const benchOf =
  <Store extends Closable, Shelf>(empty: () => Shelf, openOn: (shelf: Shelf) => Store) =>
  (bug?: StoreBug<Store, Shelf>) =>
  (): StoreHarness<Store> => {
    let shelf = empty()
    const open = (): Store => {
      const right = openOn(shelf)
      return { ...right, ...bug?.(right, shelf) }
    }
    // Who crashed still writes, where nobody looks.
    const crash = () => {
      shelf = structuredClone(shelf)
    }
    return { open, reopen: open, crash, close: async () => {} }
  }

/** Lets others have their turn first. */
export async function hops(count: number): Promise<void> {
  for (let left = count; left > 0; left--) await undefined
}

/** Runs acts one behind the other, until it is closed. */
function oneByOne() {
  let last: Promise<unknown> = Promise.resolve()
  let closing: Promise<void> | undefined
  return {
    run<T>(act: () => T | Promise<T>): Promise<T> {
      if (closing) return Promise.reject(new MidsentenceError('unavailable', 'The store is closed.'))
      const done = last.then(act)
      last = done.catch(() => {})
      return done
    },
    close: () => {
      closing ??= last.then(() => {})
      return closing
    },
  }
}

const written = (items: readonly unknown[]): string[] => items.map(item => JSON.stringify(item))

/** A room log over `shelf`, and right. */
export function openLog(shelf: LogShelf): RoomLog {
  const { run, close } = oneByOne()
  const linesOf = (room: string) => shelf.rooms.get(room) ?? []
  const recordsOf = (room: string): RoomRecord[] => linesOf(room).map(line => JSON.parse(line))
  return {
    id: shelf.id,
    durability: 'flushed',
    head: room => run(() => `${linesOf(room).length}`),
    append: (room, records, expected) => {
      const lines = written(records)
      return run(async () => {
        const before = linesOf(room)
        if (`${before.length}` !== expected) throw new MidsentenceError('unavailable', `${room} is not at ${expected}.`)
        await hops(2)
        shelf.rooms.set(room, [...before, ...lines])
        return `${before.length + lines.length}`
      })
    },
    messages: (room, after, limit) =>
      run(() =>
        recordsOf(room)
          .flatMap((record): Message[] => (record.type === 'message' ? [record.message] : []))
          .filter(({ seq }) => seq > after)
          .slice(0, limit),
      ),
    async *records(room, after = '0') {
      yield* await run(() => recordsOf(room).slice(Number(after)))
    },
    close,
  }
}

/** A journal over `shelf`, and right. */
export function openJournal(shelf: LineShelf): Journal {
  const { run, close } = oneByOne()
  const put = (lines: () => readonly string[]) =>
    run(async () => {
      await hops(2)
      shelf.lines = lines()
    })
  return {
    durability: 'flushed',
    read: () => run(() => shelf.lines.map((line): Fact => JSON.parse(line))),
    append: facts => {
      const lines = written(facts)
      return put(() => [...shelf.lines, ...lines])
    },
    replace: facts => {
      const lines = written(facts)
      return put(() => lines)
    },
    close,
  }
}

/** A session log over `shelf`, and right. */
export function openSessions(shelf: LineShelf): SessionLog {
  const { run, close } = oneByOne()
  return {
    durability: 'flushed',
    async *read() {
      yield* await run(() => shelf.lines.map((line): SessionRecord => JSON.parse(line)))
    },
    append: records => {
      const lines = written(records)
      return run(async () => {
        await hops(2)
        shelf.lines = [...shelf.lines, ...lines]
      })
    },
    close,
  }
}

const noLines = (): LineShelf => ({ lines: [] })

/** Benches whose stores have a bug, or none. */
export const logWith = benchOf<RoomLog, LogShelf>(() => ({ id: crypto.randomUUID(), rooms: new Map() }), openLog)
export const journalWith = benchOf<Journal, LineShelf>(noLines, openJournal)
export const sessionsWith = benchOf<SessionLog, LineShelf>(noLines, openSessions)
