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

/** The data of a room log that survives its process. */
export interface RoomLogData {
  readonly id: string
  readonly rooms: Map<string, readonly string[]>
}

/** The data of a journal or session log that survives its process. */
export interface SeriesData {
  items: readonly string[]
}

/** Makes a bug: returns the members that replace those of a right store. */
export type StoreBug<Store, Data> = (right: Store, data: Data) => Partial<Store>

/** Makes harnesses of stores whose data survives close and crash. */
const storeHarnesses =
  <Store extends Closable, Data>(empty: () => Data, openOn: (data: Data) => Store) =>
  (bug?: StoreBug<Store, Data>) =>
  (): StoreHarness<Store> => {
    let data = empty()
    const open = (): Store => {
      const right = openOn(data)
      return { ...right, ...bug?.(right, data) }
    }
    // Later writes of a crashed store go to the old copy.
    const crash = () => {
      data = structuredClone(data)
    }
    return { open, reopen: open, crash, close: async () => {} }
  }

/** Waits for `count` microtasks. */
export async function microtasks(count: number): Promise<void> {
  for (let left = count; left > 0; left--) await undefined
}

/** Runs calls one after another until it is closed. */
function serialQueue() {
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

/** Opens a right room log. */
export function openLog(data: RoomLogData): RoomLog {
  const { run, close } = serialQueue()
  const linesOf = (room: string) => data.rooms.get(room) ?? []
  const recordsOf = (room: string): RoomRecord[] => linesOf(room).map(line => JSON.parse(line))
  return {
    id: data.id,
    durability: 'flushed',
    head: room => run(() => `${linesOf(room).length}`),
    append: (room, records, expected) => {
      const items = written(records)
      return run(async () => {
        const before = linesOf(room)
        if (`${before.length}` !== expected) throw new MidsentenceError('unavailable', `${room} is not at ${expected}.`)
        await microtasks(2)
        data.rooms.set(room, [...before, ...items])
        return `${before.length + items.length}`
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

/** Opens a right journal. */
export function openJournal(data: SeriesData): Journal {
  const { run, close } = serialQueue()
  const put = (items: () => readonly string[]) =>
    run(async () => {
      await microtasks(2)
      data.items = items()
    })
  return {
    durability: 'flushed',
    read: () => run(() => data.items.map((line): Fact => JSON.parse(line))),
    append: facts => {
      const items = written(facts)
      return put(() => [...data.items, ...items])
    },
    replace: facts => {
      const items = written(facts)
      return put(() => items)
    },
    close,
  }
}

/** Opens a right session log. */
export function openSessions(data: SeriesData): SessionLog {
  const { run, close } = serialQueue()
  return {
    durability: 'flushed',
    async *read() {
      yield* await run(() => data.items.map((line): SessionRecord => JSON.parse(line)))
    },
    append: records => {
      const items = written(records)
      return run(async () => {
        await microtasks(2)
        data.items = [...data.items, ...items]
      })
    },
    close,
  }
}

const noLines = (): SeriesData => ({ items: [] })

/** Setups of stores with a bug, or with none. */
export const logWith = storeHarnesses<RoomLog, RoomLogData>(
  () => ({ id: crypto.randomUUID(), rooms: new Map() }),
  openLog,
)
export const journalWith = storeHarnesses<Journal, SeriesData>(noLines, openJournal)
export const sessionsWith = storeHarnesses<SessionLog, SeriesData>(noLines, openSessions)
