import type { RuleId } from '@midsentence/conformance'
import { type Fact, type Journal, MidsentenceError, type SessionLog, type SessionRecord } from '@midsentence/core'
import {
  followsACrash,
  microtasks,
  openJournal,
  openSessions,
  type RoomLogData,
  type SeriesData,
  type StoreBug,
} from './store-harness.ts'

/** A bug in an otherwise right journal or session log. */
interface SeriesMutant<Store, Data> {
  readonly name: string
  readonly breaks: RuleId
  readonly bug: StoreBug<Store, Data>
}

/** Delays every other append. */
function reordered(append: Journal['append']): Journal['append'] {
  let calls = 0
  return async items => {
    if (calls++ % 2 === 0) await microtasks(3)
    await append(items)
  }
}

const toUtf8 = (fact: Fact): Fact =>
  JSON.parse(JSON.stringify(fact, (_, part) => (typeof part === 'string' ? part.toWellFormed() : part)))

export const brokenJournals: readonly SeriesMutant<Journal, SeriesData>[] = [
  {
    name: 'a journal replaces lone surrogates',
    breaks: 'J2',
    bug: right => ({ append: facts => right.append(facts.map(toUtf8)) }),
  },
  {
    name: 'a journal splits lines at U+2028',
    breaks: 'J2',
    bug: right => ({
      append: facts =>
        right.append(
          facts.map(fact => (fact.type === 'appended' ? { ...fact, text: fact.text.split('\u2028')[0]! } : fact)),
        ),
    }),
  },
  {
    name: 'a journal hands out its own array',
    breaks: 'J3',
    bug: right => {
      const facts: Fact[] = []
      return {
        read: async () => facts,
        append: async added => {
          facts.push(...added)
          await right.append(added)
        },
        replace: async replacement => {
          facts.splice(0, facts.length, ...replacement)
          await right.replace(replacement)
        },
      }
    },
  },
  {
    name: 'a later fact overtakes an earlier one',
    breaks: 'J3',
    bug: right => ({ append: reordered(right.append) }),
  },
  { name: 'a replacement is appended', breaks: 'J4', bug: right => ({ replace: right.append }) },
  {
    name: 'an empty replacement is ignored',
    breaks: 'J4',
    bug: right => ({ replace: async facts => (facts.length > 0 ? right.replace(facts) : undefined) }),
  },
  {
    name: 'a closed journal can still be written',
    breaks: 'J5',
    bug: (_, data) => ({ append: facts => openJournal(data).append(facts) }),
  },
  {
    name: 'a closed journal fails without a code',
    breaks: 'J5',
    bug: right => ({
      replace: facts =>
        right.replace(facts).catch(() => {
          throw new Error('EBADF')
        }),
    }),
  },
  {
    name: 'close aborts a replacement',
    breaks: 'J5',
    bug: right => {
      let closing = false
      return {
        replace: async facts => {
          await undefined
          if (!closing) await right.replace(facts)
        },
        close: () => {
          closing = true
          return right.close()
        },
      }
    },
  },
  {
    name: 'a journal loses its last fact when it is closed',
    breaks: 'J6',
    bug: (right, data) => {
      let closed = false
      return {
        close: async () => {
          await right.close()
          if (!closed) data.items = data.items.slice(0, -1)
          closed = true
        },
      }
    },
  },
  {
    name: 'a journal acknowledges facts in memory only',
    breaks: 'J7',
    bug: (_, data) => {
      const ahead = structuredClone(data)
      const store = openJournal(ahead)
      return {
        ...store,
        close: async () => {
          await store.close()
          data.items = ahead.items
        },
      }
    },
  },
  {
    name: 'a replacement empties the journal before it writes',
    breaks: 'J7',
    bug: right => ({
      replace: async facts => {
        const emptied = right.replace([])
        await Promise.all([emptied, right.append(facts)])
      },
    }),
  },
]

const fullyRead = async (records: AsyncIterable<SessionRecord>): Promise<SessionRecord[]> => {
  const found: SessionRecord[] = []
  for await (const record of records) found.push(record)
  return found
}

export const brokenSessions: readonly SeriesMutant<SessionLog, RoomLogData>[] = [
  {
    name: 'records are grouped by session',
    breaks: 'K1',
    bug: right => ({
      async *read(room) {
        const bySession = new Map<string, SessionRecord[]>()
        for await (const record of right.read(room)) {
          bySession.set(record.session_id, [...(bySession.get(record.session_id) ?? []), record])
        }
        yield* [...bySession.values()].flat()
      },
    }),
  },
  {
    name: 'a later record overtakes an earlier one',
    breaks: 'K2',
    bug: right => {
      let calls = 0
      return {
        append: async (...write) => {
          if (calls++ % 2 === 0) await microtasks(3)
          return right.append(...write)
        },
      }
    },
  },
  {
    name: 'closing a session removes those whose ids begin with its id',
    breaks: 'K3',
    bug: right => ({
      async *read(room) {
        const records = await fullyRead(right.read(room))
        const ended = records.filter(({ fact }) => fact.type === 'closed')
        yield* records.filter(({ session_id }) => !ended.some(end => session_id.startsWith(end.session_id)))
      },
    }),
  },
  {
    name: 'a released room loses its open sessions',
    breaks: 'K3',
    bug: right => {
      let released: string | undefined
      return {
        async release(room) {
          released = room
        },
        async *read(room) {
          if (room !== released) yield* right.read(room)
        },
      }
    },
  },
  {
    name: 'a closed session log can still be read',
    breaks: 'K4',
    bug: (_, data) => ({ read: room => openSessions(data).read(room) }),
  },
  {
    name: 'a closed session log fails with internal',
    breaks: 'K4',
    bug: right => ({
      append: (...write) =>
        right.append(...write).catch(cause => {
          throw new MidsentenceError('internal', 'Something failed.', { cause })
        }),
    }),
  },
  {
    name: 'a read during close fails without a code',
    breaks: 'K4',
    bug: right => {
      let closing = false
      return {
        async *read(room) {
          const begun = !closing
          const records = await fullyRead(right.read(room))
          if (begun && closing) throw new Error('The file is closed.')
          yield* records
        },
        close: () => {
          closing = true
          return right.close()
        },
      }
    },
  },
  {
    name: 'a session log loses its last record when it is closed',
    breaks: 'K5',
    bug: (right, { rooms }) => {
      let closed = false
      return {
        close: async () => {
          await right.close()
          const [room, lines = []] = [...rooms].at(-1) ?? []
          if (!closed && room !== undefined) rooms.set(room, lines.slice(0, -1))
          closed = true
        },
      }
    },
  },
  {
    name: 'a session log acknowledges records in memory only',
    breaks: 'K6',
    bug: (_, data) => {
      const ahead = structuredClone(data)
      const store = openSessions(ahead)
      return {
        ...store,
        close: async () => {
          await store.close()
          for (const [room, lines] of ahead.rooms) data.rooms.set(room, lines)
        },
      }
    },
  },
  {
    name: 'what follows an incomplete session record of a crash is lost',
    breaks: 'K6',
    bug: (() => {
      const opened = new WeakSet<RoomLogData>()
      return (_, data) => (followsACrash(data, opened) ? openSessions(structuredClone(data)) : {})
    })(),
  },
  {
    name: 'a crash leaves half of a session’s append',
    breaks: 'K6',
    bug: right => ({
      append: async (room, records, expected) => {
        let position = expected
        for (const record of records) position = await right.append(room, [record], position)
        return position
      },
    }),
  },
  {
    name: 'a session log ignores a stale position',
    breaks: 'K7',
    bug: right => ({ append: async (room, records) => right.append(room, records, await right.head(room)) }),
  },
  {
    name: 'rooms that differ by case share their sessions',
    breaks: 'K8',
    bug: right => ({
      head: room => right.head(room.toLowerCase()),
      read: room => right.read(room.toLowerCase()),
      append: (room, ...write) => right.append(room.toLowerCase(), ...write),
    }),
  },
  {
    name: 'rooms without an open session are listed',
    breaks: 'K8',
    bug: (right, { rooms }) => ({
      async *rooms() {
        for await (const _ of right.rooms());
        yield* rooms.keys()
      },
    }),
  },
]
