import { expect, test } from 'vitest'
import type { ObservedCall } from '../run/observed-calls.ts'
import type { AuthorRun, ObservedMessage, RunResult } from '../run/run.ts'
import type { TraceEvent } from '../run/trace.ts'
import type { Task, TaskMessage } from '../scenarios/scenario.ts'
import { measure } from './measure.ts'

/** 16 characters, so 4 tokens. */
const say = (number: number) => `Number ${number}, it is.`
const numbers = (messages: readonly TaskMessage[]) => messages.map(({ content }) => Number(content[7]))

/** Two authors count to two, in any order. A serial run is: Ada says 1, Ben says 2. */
const task: Task = {
  plan(_author, messages) {
    const highest = Math.max(0, ...numbers(messages))
    return highest < 2 ? [say(highest + 1)] : undefined
  },
  result: numbers,
}

/** Reads 4 tokens a second, so one message in a second, after half a second. */
const writer = {
  first_token_ms: 500,
  input_tokens_per_s: 4,
  output_tokens_per_s: 8,
  notices: 1,
  repairs: 1,
  keeps: 1,
}

const call = (method: ObservedCall['method'], at: number, more: Partial<ObservedCall> = {}): ObservedCall => ({
  method,
  called_at: at,
  answered_at: at,
  given: [],
  ...more,
})

/** Ada says 1. Ben says 1 without having read it. Ada reads that, and says 3 where 2 would be right. */
const log: readonly ObservedMessage[] = [
  { seq: 1, sender_id: 'Ada', content: say(1), at: 1020 },
  { seq: 2, sender_id: 'Ben', content: say(1), at: 1520 },
  { seq: 3, sender_id: 'Ada', content: say(3), at: 5520 },
]

const adaTrace: readonly TraceEvent[] = [
  { at: 0, type: 'asked', fresh: 0, cached: 0 },
  { at: 0, type: 'wanted' },
  { at: 1000, type: 'wrote', text: say(1) },
  { at: 1000, type: 'pushed' },
  { at: 1040, type: 'sent', seq: 1, content: say(1) },
  // Reading Ben's 4 tokens takes 500 ms and 4 / 4 s. Its own 4 tokens it has read before.
  { at: 2000, type: 'asked', fresh: 4, cached: 4 },
  { at: 3500, type: 'read', seq: 2 },
  { at: 3500, type: 'wanted' },
  { at: 4000, type: 'wrote', text: 'Wrong.' },
  { at: 4000, type: 'undid', text: 'Wrong.' },
  { at: 5000, type: 'wrote', text: say(3) },
  { at: 5000, type: 'pushed' },
  { at: 5400, type: 'pushed' },
  { at: 5540, type: 'sent', seq: 3, content: say(3) },
]
const adaCalls: readonly ObservedCall[] = [
  call('append', 1010, { text: say(1) }),
  call('push', 1020, { seq: 1, after: 0 }),
  call('check', 1980, { given: [2] }),
  call('append', 4010, { text: 'Wrong.' }),
  call('undo', 4020),
  call('append', 5010, { text: say(3) }),
  call('push', 5020, { held: true }),
  call('push', 5520, { seq: 3, after: 2 }),
]
const ada: AuthorRun = { name: 'Ada', hasPart: true, writer, plan: task.plan, trace: adaTrace, calls: adaCalls }
const ben: AuthorRun = {
  name: 'Ben',
  hasPart: true,
  writer,
  plan: task.plan,
  trace: [
    { at: 0, type: 'asked', fresh: 0, cached: 0 },
    { at: 0, type: 'wanted' },
    { at: 1500, type: 'wrote', text: say(1) },
    { at: 1500, type: 'pushed' },
    { at: 1540, type: 'sent', seq: 2, content: say(1) },
  ],
  calls: [call('append', 1510, { text: say(1) }), call('push', 1520, { seq: 2, after: 0 })],
}
const result: RunResult = {
  task,
  authors: [ada, ben],
  log,
  isFinished: true,
  end_ms: 5520,
  limit_ms: 9000,
  score: [],
}

/** The measures of the same run, with another trace or other calls of Ada. */
const withAda = (change: Partial<AuthorRun>) => measure({ ...result, authors: [{ ...ada, ...change }, ben] })
const traceWithout = (...types: TraceEvent['type'][]) => ({
  trace: adaTrace.filter(({ type }) => !types.includes(type)),
})

test('three messages of two authors have the measures that were worked out by hand', () => {
  expect(measure(result, { input: 3, cached: 0.3, output: 15 })).toEqual({
    finished: 1,
    // 1, 1, 3 instead of 1, 2.
    solved: 0,
    messages: 3,
    // Ben had not read Ada's first message.
    crossings: 1,
    // Had Ben read it, it would have said 2.
    stale: 1,
    // Ada had read 1 and 1, and should have said 2.
    overlooked: 1,
    // Ben's 1.
    repeated: 1,
    // Three messages of 16, and 'Wrong.' of 6.
    written: 54,
    discarded: 6,
    // Ada's own 4 tokens of 4 characters, in its second call.
    readAgain: 16,
    // Two of Ada, one of Ben.
    calls: 3,
    // 1, 1 and 2 pushes.
    attemptsMean: 4 / 3,
    attemptsMost: 2,
    // Both may begin at 0: 1020, 1520. After its first message Ada may say 2: 5520 − 1020. After its own, so may Ben, until Ada's 3
    // makes it moot.
    delayMedian: 1520,
    delayP95: 4500,
    delayMost: 4500,
    // 16 and 32 characters: (32 − 16) / (2 · 48).
    unevenness: 1 / 6,
    time: 5520,
    // 4 new tokens at 3 $, 4 old ones at 0.3 $, 54 / 4 written ones at 15 $ a million: 12 + 1.2 + 202.5.
    cost: expect.closeTo(215.7e-6, 12),
  })
})

test('other prices change the cost alone', () => {
  const { cost, ...others } = measure(result, { input: 1, cached: 0, output: 2 })
  expect(cost).toBeCloseTo((4 * 1 + 13.5 * 2) / 1e6, 12)
  expect(measure(result)).toMatchObject(others)
})

test('a run that was cut off is not solved, and lasts until the limit; so does what an author has to say', () => {
  const solved = log.slice(0, 2).map((message, index) => ({ ...message, content: say(index + 1) }))
  const cut = { ...result, log: solved, isFinished: false, end_ms: 9000 }
  expect(measure(cut)).toMatchObject({ finished: 0, solved: 0, time: 9000, delayMost: 1520 })
  expect(measure({ ...cut, isFinished: true })).toMatchObject({ finished: 1, solved: 1 })
  // Ben has had something to say all the time.
  expect(measure({ ...cut, log: solved.slice(0, 1) })).toMatchObject({ solved: 0, delayMost: 9000 })
})

test('a participant without a part counts only as what others have or have not read', () => {
  const without = { ...result, authors: [ada, { ...ben, hasPart: false }] }
  expect(measure(without)).toMatchObject({ messages: 2, crossings: 0, repeated: 0, calls: 2, unevenness: 0 })
})

test('the pushes of something withdrawn are not those of the next message', () => {
  const trace = adaTrace.flatMap((event): TraceEvent[] =>
    event.at === 5400 ? [{ at: 5300, type: 'withdrew' }, { at: 5300, type: 'wanted' }, event] : [event],
  )
  expect(withAda({ trace })).toEqual({ ...measure(result), attemptsMost: 1, attemptsMean: 1 })
})

test.each([
  ['was given only after the call', { calls: adaCalls.map(c => (c.given.length ? { ...c, answered_at: 2001 } : c)) }],
  ['was never given', { calls: adaCalls.filter(({ given }) => given.length === 0) }],
  ['was read faster than its author reads', { trace: adaTrace.map(e => (e.type === 'read' ? { ...e, at: 3499 } : e)) }],
  ['was read without a call of the model', traceWithout('asked')],
  ['was not read, as the trace says', traceWithout('read')],
])('a message that %s counts as unread', (_, change) => {
  // Ada's second message crosses Ben's, as Ben's crosses Ada's first.
  expect(withAda(change).crossings).toBe(2)
})

test('one call reads once', () => {
  const trace = adaTrace.map(event => (event.type === 'read' ? { ...event, seq: 1 } : event))
  const again = trace.flatMap((event): TraceEvent[] =>
    event.type === 'read' ? [event, { ...event, seq: 2 }] : [event],
  )
  expect(withAda({ trace: again }).crossings).toBe(2)
})

test('what a trace hides counts as far as it reached the room', () => {
  const honest = measure(result)
  const cheap = adaTrace.map(event => (event.type === 'asked' ? { ...event, fresh: 0, cached: 0 } : event))
  expect(withAda({ trace: cheap })).toEqual(honest)
  expect(withAda(traceWithout('wrote', 'undid'))).toEqual(honest)
  expect(withAda(traceWithout('pushed', 'sent'))).toEqual(honest)
  expect(withAda(traceWithout('wanted'))).toEqual(honest)
})
