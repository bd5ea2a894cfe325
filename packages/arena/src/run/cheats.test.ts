import type { Message } from '@midsentence/core'
import { expect, test } from 'vitest'
import { type Measures, measure } from '../measures/measure.ts'
import { policies } from '../policies/policies.ts'
import { counting } from '../scenarios/counting.ts'
import { profiles } from '../writers/writer.ts'
import type { AuthorSession } from './observed-calls.ts'
import { type AuthorRun, type RunResult, type RunSetting, run } from './run.ts'
import type { TraceEvent } from './trace.ts'

const SEEDS = [1, 2, 3, 4, 5]

const [hold, annotate] = [policies[0], policies.find(({ name }) => name === 'annotate')!]

const playAll = (setting: Partial<RunSetting> = {}): Promise<RunResult[]> =>
  Promise.all(
    SEEDS.map(seed =>
      run({
        scenario: counting,
        policy: hold,
        seed,
        participants: 4,
        lineup: 'even',
        profile: profiles.hosted,
        ...setting,
      }),
    ),
  )

const totalOf = (results: readonly RunResult[], key: keyof Measures) =>
  results.reduce((sum, result) => sum + measure(result)[key], 0)

const retold = (results: readonly RunResult[], tell: (trace: readonly TraceEvent[]) => readonly TraceEvent[]) =>
  results.map(result => ({
    ...result,
    authors: result.authors.map((author): AuthorRun => ({ ...author, trace: tell(author.trace) })),
  }))

type OpenSession = NonNullable<RunSetting['openSession']>

/** Joins as a client that knows no holds, and sends its draft unjudged. Its author takes it for a push. */
const sendWithoutHolding: OpenSession = async (request, join) => {
  const session = await join({ ...request, legacy: true })
  const parts: string[] = []
  const check = async (after: number | undefined) => {
    const { status, messages, cursor } = await session.check({ timeout_ms: 0, ...(after !== undefined && { after }) })
    return { status, messages, cursor, suffix: '' }
  }
  return {
    ...session,
    async append({ text, after }) {
      parts.push(text)
      return { ...(await check(after)), accepted: text.length, dropped: 0 }
    },
    async undo({ after } = {}) {
      parts.pop()
      return check(after)
    },
    push: () => session.sendUnconditionally(parts.splice(0).join('')),
  }
}

const wrapped =
  (wrap: (session: AuthorSession) => AuthorSession): OpenSession =>
  async (request, join) =>
    wrap(await join(request))

/** Moves its cursor to the newest message just before the push, and does not read it. */
const moveCursor = (session: AuthorSession): AuthorSession => ({
  ...session,
  async push({ after = 0, ...request } = {}, options) {
    const { messages } = await session.check({ after, timeout_ms: 0 })
    return session.push({ ...request, after: messages.at(-1)?.seq ?? after }, options)
  },
})

/** Gives its author the first word of each message, so that reading takes no time. */
function shortenMessages(session: AuthorSession): AuthorSession {
  const shorten = async <A extends { readonly messages: readonly Message[] }>(answering: Promise<A>): Promise<A> => {
    const answer = await answering
    return { ...answer, messages: answer.messages.map(each => ({ ...each, content: `${each.content.split(' ')[0]}` })) }
  }
  return {
    ...session,
    append: (...request) => shorten(session.append(...request)),
    undo: (...request) => shorten(session.undo(...request)),
    check: (...request) => shorten(session.check(...request)),
    push: (...request) => shorten(session.push(...request)),
  }
}

test('the honest authors of a room that holds cross nothing', async () => {
  const results = await playAll()
  expect([totalOf(results, 'crossings'), totalOf(results, 'stale')]).toEqual([0, 0])
  const unchanged = await playAll({ openSession: wrapped(session => ({ ...session })) })
  expect(unchanged.map(({ log }) => log)).toEqual(results.map(({ log }) => log))
  expect(unchanged.map(result => measure(result))).toEqual(results.map(result => measure(result)))
})

test('authors that send without holding are caught, also if their traces hide it', async () => {
  const results = await playAll({ openSession: sendWithoutHolding })
  expect(totalOf(results, 'crossings')).toBeGreaterThan(20)
  expect(totalOf(results, 'stale')).toBeGreaterThan(10)
  const silent = retold(results, trace => trace.filter(({ type }) => type !== 'pushed' && type !== 'sent'))
  expect(silent.map(result => measure(result))).toEqual(results.map(result => measure(result)))
})

test('one such author among honest ones is caught, and it alone', async () => {
  // With a floor, its holder's push crosses what ignores the floor (F4).
  const results = await playAll({
    policy: policies[1],
    openSession: (request, join) => (request.username === 'Ben' ? sendWithoutHolding(request, join) : join(request)),
  })
  const crossingsOf = (name: string) =>
    totalOf(
      results.map(result => ({
        ...result,
        authors: result.authors.map(author => ({ ...author, hasPart: author.name === name })),
      })),
      'crossings',
    )
  expect(crossingsOf('Ben')).toBeGreaterThan(0)
  for (const name of ['Ada', 'Cleo', 'Dan']) expect(crossingsOf(name)).toBe(0)
})

test('authors that move their cursor before a push, and do not read, are caught', async () => {
  const results = await playAll({ openSession: wrapped(moveCursor) })
  expect(totalOf(results, 'crossings')).toBeGreaterThan(10)
  expect(results.every(({ authors }) => authors.every(({ calls }) => !calls.some(({ held }) => held)))).toBe(true)
})

test('authors that read faster than they can are caught', async () => {
  const results = await playAll({ openSession: wrapped(shortenMessages) })
  expect(totalOf(results, 'crossings')).toBeGreaterThan(10)
})

test('authors that claim to have read more than they were given gain nothing', async () => {
  const results = await playAll({ policy: annotate })
  expect(totalOf(results, 'crossings')).toBeGreaterThan(10)
  const boastful = retold(results, trace =>
    trace.map(event => (event.type === 'read' ? { ...event, seq: Number.MAX_SAFE_INTEGER } : event)),
  )
  expect(boastful.map(result => measure(result))).toEqual(results.map(result => measure(result)))
  const eager = retold(results, trace =>
    trace.flatMap((event): TraceEvent[] =>
      event.type === 'pushed' ? [{ at: event.at, type: 'read', seq: 1_000 }, event] : [event],
    ),
  )
  expect(eager.map(result => measure(result))).toEqual(results.map(result => measure(result)))
})

test('authors whose models read for free are caught, or pay', async () => {
  const results = await playAll()
  const unasked = retold(results, trace => trace.filter(({ type }) => type !== 'asked'))
  expect(totalOf(unasked, 'crossings')).toBeGreaterThan(100)
  const cheap = retold(results, trace =>
    trace.map(event => (event.type === 'asked' ? { ...event, fresh: 0, cached: 0 } : event)),
  )
  expect(totalOf(cheap, 'cost')).toBeCloseTo(totalOf(results, 'cost'), 6)
})
