import type { Closable, StoreHarness } from '@midsentence/conformance'
import type { SessionLog, SessionRecord } from '@midsentence/core'
import {
  type Fact,
  type Journal,
  type Message,
  MidsentenceError,
  type Position,
  type RoomLog,
  type RoomRecord,
} from '@midsentence/core'

/** The data of a room log or session log that survives its process. */
export interface RoomLogData {
  readonly id: string
  readonly rooms: Map<string, readonly string[]>
}

/** The data of a journal that survives its process. */
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

/** Whether this is the first store on `data` after a crash, which leaves a copy of it. */
export const followsACrash = (data: RoomLogData, opened: WeakSet<RoomLogData>): boolean => {
  const first = !opened.has(data)
  opened.add(data)
  return first && data.rooms.size > 0
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

/** Keeps records per room, fenced by their number. */
function fencedRecords<Item>({ rooms }: Pick<RoomLogData, 'rooms'>) {
  const { run, close } = serialQueue()
  const linesOf = (room: string) => rooms.get(room) ?? []
  const recordsOf = (room: string): Item[] => linesOf(room).map(text => JSON.parse(text))
  return {
    run,
    recordsOf,
    head: (room: string) => run(() => `${linesOf(room).length}`),
    append: (room: string, records: readonly Item[], expected: Position) => {
      const items = written(records)
      return run(async () => {
        const before = linesOf(room)
        if (`${before.length}` !== expected) throw new MidsentenceError('unavailable', `${room} is not at ${expected}.`)
        await microtasks(2)
        rooms.set(room, [...before, ...items])
        return `${before.length + items.length}`
      })
    },
    close,
  }
}

/** Opens a right room log. */
export function openLog(data: RoomLogData): RoomLog {
  const { run, recordsOf, head, append, close } = fencedRecords<RoomRecord>(data)
  return {
    id: data.id,
    durability: 'flushed',
    head,
    append,
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
    read: () => run(() => data.items.map((text): Fact => JSON.parse(text))),
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
export function openSessions(data: RoomLogData): SessionLog {
  const { run, recordsOf, head, append, close } = fencedRecords<SessionRecord>(data)
  const hasOpen = (room: string) => {
    const last = new Map(recordsOf(room).map(({ session_id, fact }) => [session_id, fact.type]))
    return [...last.values()].some(type => type !== 'closed')
  }
  return {
    durability: 'flushed',
    async *rooms() {
      yield* await run(() => [...data.rooms.keys()].filter(hasOpen))
    },
    head,
    async *read(room) {
      yield* await run(() => recordsOf(room))
    },
    append,
    close,
  }
}

const newLog = (): RoomLogData => ({ id: crypto.randomUUID(), rooms: new Map() })
const noLines = (): SeriesData => ({ items: [] })

/** Setups of stores with a bug, or with none. */
export const logWith = storeHarnesses<RoomLog, RoomLogData>(newLog, openLog)
export const journalWith = storeHarnesses<Journal, SeriesData>(noLines, openJournal)
export const sessionsWith = storeHarnesses<SessionLog, RoomLogData>(newLog, openSessions)
