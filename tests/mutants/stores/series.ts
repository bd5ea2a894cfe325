import type { RuleId } from '@midsentence/conformance'
import { type Fact, type Journal, MidsentenceError, type SessionLog, type SessionRecord } from '@midsentence/core'
import { microtasks, openJournal, openSessions, type SeriesData, type StoreBug } from './store-harness.ts'

/** A bug in an otherwise right journal or session log. */
interface SeriesMutant<Store> {
  readonly name: string
  readonly breaks: RuleId
  readonly bug: StoreBug<Store, SeriesData>
}

/** Delays every other append. */
function reordered<Item>(append: (items: readonly Item[]) => Promise<void>) {
  let calls = 0
  return async (items: readonly Item[]) => {
    if (calls++ % 2 === 0) await microtasks(3)
    await append(items)
  }
}

/** Closes with `close`, and loses the last line. */
const losingLast = (close: () => Promise<void>, data: SeriesData) => {
  let closed = false
  return async () => {
    await close()
    if (!closed) data.items = data.items.slice(0, -1)
    closed = true
  }
}

/** A store over lines that reach the shelf when it is closed, and not before. */
const writtenAtClose = <Store extends Journal | SessionLog>(
  open: (data: SeriesData) => Store,
  data: SeriesData,
): Store => {
  const ahead = structuredClone(data)
  const store = open(ahead)
  const close = async () => {
    await store.close()
    data.items = ahead.items
  }
  return { ...store, close }
}

/** Appends each item separately. */
const piecewise =
  <Item>(append: (items: readonly Item[]) => Promise<void>) =>
  async (items: readonly Item[]) => {
    for (const item of items) await append([item])
  }

const toUtf8 = (fact: Fact): Fact =>
  JSON.parse(JSON.stringify(fact, (_, part) => (typeof part === 'string' ? part.toWellFormed() : part)))

export const brokenJournals: readonly SeriesMutant<Journal>[] = [
  {
    name: 'a journal writes UTF-8 over lone surrogates',
    breaks: 'J2',
    bug: right => ({ append: facts => right.append(facts.map(toUtf8)) }),
  },
  {
    name: 'a journal takes lines apart at U+2028',
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
      const kept: Fact[] = []
      return {
        read: async () => kept,
        append: async facts => {
          kept.push(...facts)
          await right.append(facts)
        },
        replace: async facts => {
          kept.splice(0, kept.length, ...facts)
          await right.replace(facts)
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
    name: 'a replacement by nothing is passed over',
    breaks: 'J4',
    bug: right => ({ replace: async facts => (facts.length > 0 ? right.replace(facts) : undefined) }),
  },
  {
    name: 'a closed journal writes on',
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
    name: 'a replacement under way is given up at close',
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
    bug: (right, data) => ({ close: losingLast(right.close, data) }),
  },
  {
    name: 'a journal acknowledges what is only in memory',
    breaks: 'J7',
    bug: (_, data) => writtenAtClose(openJournal, data),
  },
  {
    name: 'a replacement is emptied first and written then',
    breaks: 'J7',
    bug: right => ({
      replace: async facts => {
        const emptied = right.replace([])
        await Promise.all([emptied, right.append(facts)])
      },
    }),
  },
]

export const brokenSessions: readonly SeriesMutant<SessionLog>[] = [
  {
    name: 'sessions are read one after the other',
    breaks: 'K1',
    bug: right => ({
      async *read() {
        const kept = new Map<string, SessionRecord[]>()
        for await (const record of right.read()) {
          kept.set(record.session_id, [...(kept.get(record.session_id) ?? []), record])
        }
        yield* [...kept.values()].flat()
      },
    }),
  },
  {
    name: 'a later record overtakes an earlier one',
    breaks: 'K2',
    bug: right => ({ append: reordered(right.append) }),
  },
  {
    name: 'a closed session takes along those whose ids begin like its own',
    breaks: 'K3',
    bug: right => ({
      async *read() {
        const records: SessionRecord[] = []
        for await (const record of right.read()) records.push(record)
        const ended = records.filter(({ fact }) => fact.type === 'closed')
        yield* records.filter(({ session_id }) => !ended.some(end => session_id.startsWith(end.session_id)))
      },
    }),
  },
  {
    name: 'a closed session log reads on',
    breaks: 'K4',
    bug: (_, data) => ({ read: () => openSessions(data).read() }),
  },
  {
    name: 'a closed session log says internal',
    breaks: 'K4',
    bug: right => ({
      append: records =>
        right.append(records).catch(cause => {
          throw new MidsentenceError('internal', 'Something failed.', { cause })
        }),
    }),
  },
  {
    name: 'a session log that is read while it closes fails without a code',
    breaks: 'K4',
    bug: right => {
      let closing = false
      return {
        async *read() {
          const begun = !closing
          const records: SessionRecord[] = []
          for await (const record of right.read()) records.push(record)
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
    bug: (right, data) => ({ close: losingLast(right.close, data) }),
  },
  {
    name: 'a session log acknowledges what is only in memory',
    breaks: 'K6',
    bug: (_, data) => writtenAtClose(openSessions, data),
  },
  {
    name: 'a crash leaves half of what a session did',
    breaks: 'K6',
    bug: right => ({ append: piecewise(right.append) }),
  },
]
