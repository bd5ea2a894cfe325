import type { RuleId } from '@midsentence/conformance'
import { type Message, MidsentenceError, type RoomLog, type RoomRecord } from '@midsentence/core'
import { followsACrash, microtasks, openLog, type RoomLogData, type StoreBug } from './store-harness.ts'
import { turns } from './turns.ts'

/** A bug in an otherwise right room log. */
interface RoomLogMutant {
  readonly name: string
  readonly breaks: RuleId
  readonly bug: StoreBug<RoomLog, RoomLogData>
}

type Append = RoomLog['append']

/** Returns `records` with each message replaced by `change`. */
const changed = (records: readonly RoomRecord[], change: (message: Message) => Message): RoomRecord[] =>
  records.map(record => (record.type === 'message' ? { ...record, message: change(record.message) } : record))

const inUtf8 = (text: string): string => new TextDecoder().decode(new TextEncoder().encode(text))

/** Appends each record separately. */
const piecewise =
  (right: RoomLog): Append =>
  async (room, records, expected) => {
    let position = expected
    for (const record of records) position = await right.append(room, [record], position)
    return position
  }

/** Writes its records only when it is closed. */
const writtenAtClose = (data: RoomLogData): RoomLog => {
  const ahead = structuredClone(data)
  const log = openLog(ahead)
  const close = async () => {
    await log.close()
    for (const [room, items] of ahead.rooms) data.rooms.set(room, items)
  }
  return { ...log, close }
}

export const brokenLogs: readonly RoomLogMutant[] = [
  {
    name: 'a log replaces lone surrogates',
    breaks: 'G2',
    bug: right => ({
      append: (room, records, expected) =>
        right.append(
          room,
          changed(records, message => ({ ...message, content: inUtf8(message.content) })),
          expected,
        ),
    }),
  },
  {
    name: 'a log drops meta',
    breaks: 'G2',
    bug: right => ({
      append: (room, records, expected) =>
        right.append(
          room,
          changed(records, ({ meta: _, ...message }) => message),
          expected,
        ),
    }),
  },
  {
    name: 'a log shares the array of its caller',
    breaks: 'G2',
    bug: right => {
      const handed: (readonly RoomRecord[])[] = []
      return {
        append: async (room, records, expected) => {
          const position = await right.append(room, records, expected)
          handed.push(records)
          return position
        },
        async *records() {
          yield* handed.flat()
        },
      }
    },
  },
  {
    name: 'the expected position is ignored',
    breaks: 'G3',
    bug: right => ({ append: async (room, records) => right.append(room, records, await right.head(room)) }),
  },
  {
    name: 'a rejected append writes its first record',
    breaks: 'G3',
    bug: (right, data) => ({
      append: (room, records, expected) =>
        right.append(room, records, expected).catch(error => {
          data.rooms.set(room, [...(data.rooms.get(room) ?? []), JSON.stringify(records[0])])
          throw error
        }),
    }),
  },
  {
    name: 'a stale position fails with internal',
    breaks: 'G3',
    bug: right => ({
      append: (room, records, expected) =>
        right.append(room, records, expected).catch(cause => {
          throw new MidsentenceError('internal', 'Somebody was faster.', { cause })
        }),
    }),
  },
  {
    name: 'a later append overtakes an earlier one',
    breaks: 'G4',
    bug: right => {
      let calls = 0
      return {
        append: async (room, records, expected) => {
          if (calls++ % 2 === 0) await microtasks(3)
          return right.append(room, records, expected)
        },
      }
    },
  },
  {
    name: 'a page has one message more than its limit',
    breaks: 'G5',
    bug: right => ({ messages: (room, after, limit) => right.messages(room, after, limit + 1) }),
  },
  {
    name: 'a page includes the message at after',
    breaks: 'G5',
    bug: right => ({ messages: (room, after, limit) => right.messages(room, after - 1, limit) }),
  },
  {
    name: 'a page is the newest messages',
    breaks: 'G5',
    bug: right => ({ messages: async (room, after, limit) => (await right.messages(room, after, 99)).slice(-limit) }),
  },
  {
    name: 'floors count against the limit of a page',
    breaks: 'G5',
    bug: (_, data) => ({
      messages: async (room, after, limit) =>
        (data.rooms.get(room) ?? [])
          .map((text): RoomRecord => JSON.parse(text))
          .slice(0, after + limit)
          .flatMap(record => (record.type === 'message' && record.message.seq > after ? [record.message] : []))
          .slice(0, limit),
    }),
  },
  {
    name: 'records ignores its start position',
    breaks: 'G5',
    bug: right => ({ records: room => right.records(room) }),
  },
  {
    name: 'rooms that differ by case share their records',
    breaks: 'G6',
    bug: right => ({
      head: room => right.head(room.toLowerCase()),
      append: (room, ...how) => right.append(room.toLowerCase(), ...how),
      messages: (room, ...how) => right.messages(room.toLowerCase(), ...how),
      records: (room, ...how) => right.records(room.toLowerCase(), ...how),
    }),
  },
  {
    name: 'a room returns the records of rooms that begin with its name',
    breaks: 'G6',
    bug: (right, data) => ({
      async *records(room) {
        for (const other of data.rooms.keys()) if (other.startsWith(room)) yield* right.records(other)
      },
    }),
  },
  { name: 'a reader sees half of an append', breaks: 'G7', bug: right => ({ append: piecewise(right) }) },
  {
    name: 'a page is cached after its first read',
    breaks: 'G7',
    bug: right => {
      const pages = new Map<string, Promise<readonly Message[]>>()
      return {
        messages: (room, after, limit) => {
          const page = pages.get(`${room} ${after}`) ?? right.messages(room, after, limit)
          pages.set(`${room} ${after}`, page)
          return page.then(messages => messages.slice(0, limit))
        },
      }
    },
  },
  {
    name: 'a closed log can still be read',
    breaks: 'G8',
    bug: (_, data) => ({ messages: (...how) => openLog(data).messages(...how) }),
  },
  {
    name: 'a second close fails',
    breaks: 'G8',
    bug: right => {
      let closed = false
      return {
        close: async () => {
          if (closed) throw new MidsentenceError('unavailable', 'The log is closed.')
          closed = true
          await right.close()
        },
      }
    },
  },
  {
    name: 'a record appended while a log opens is lost',
    breaks: 'G8',
    bug: (right, data) => {
      let ready = data.rooms.size === 0
      const soon = microtasks(5).then(() => {
        ready = true
      })
      return {
        append: async (room, records, expected) => {
          if (!ready) return soon.then(() => `${Number(expected) + records.length}`)
          return right.append(room, records, expected)
        },
      }
    },
  },
  { name: 'all logs have one id', breaks: 'G9', bug: () => ({ id: 'log' }) },
  { name: 'a log has a new id whenever it is opened', breaks: 'G9', bug: () => ({ id: crypto.randomUUID() }) },
  {
    name: 'a log loses its last record when it is closed',
    breaks: 'G10',
    bug: (right, data) => ({
      close: async () => {
        await right.close()
        for (const [room, items] of data.rooms) data.rooms.set(room, items.slice(0, -1))
      },
    }),
  },
  {
    name: 'a reopened log has other positions',
    breaks: 'G10',
    bug: right => {
      const life = crypto.randomUUID()
      return {
        head: async room => `${life} ${await right.head(room)}`,
        append: async (room, records, expected) =>
          `${life} ${await right.append(room, records, expected.replace(`${life} `, ''))}`,
      }
    },
  },
  { name: 'a log acknowledges records in memory only', breaks: 'G11', bug: (_, data) => writtenAtClose(data) },
  {
    name: 'readers see an append before it is flushed',
    breaks: 'G11',
    bug: (right, data) => {
      const unflushed = new Map<string, readonly string[]>()
      return {
        append: async (room, records, expected) => {
          if ((await right.head(room)) !== expected) return right.append(room, records, expected)
          unflushed.set(room, [...(data.rooms.get(room) ?? []), ...records.map(record => JSON.stringify(record))])
          await turns(4)
          return right.append(room, records, expected).finally(() => unflushed.delete(room))
        },
        async *records(room, after = '0') {
          const early = unflushed.get(room)
          if (early) yield* early.slice(Number(after)).map((text): RoomRecord => JSON.parse(text))
          else yield* right.records(room, after)
        },
      }
    },
  },
  {
    name: 'what follows an incomplete line of a crash is lost',
    breaks: 'G11',
    bug: (() => {
      const opened = new WeakSet<RoomLogData>()
      return (_, data) => (followsACrash(data, opened) ? openLog(structuredClone(data)) : {})
    })(),
  },
  { name: 'a crash leaves half of an append', breaks: 'G11', bug: right => ({ append: piecewise(right) }) },
]
