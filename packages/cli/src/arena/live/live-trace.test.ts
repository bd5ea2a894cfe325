import type { ConverseEvent } from '@midsentence/agent'
import { type AuthorRun, measure, type ObservedMessage, type Task } from '@midsentence/arena'
import { expect, test } from 'vitest'
import { LiveTrace } from './live-trace.ts'

type Untimed = ConverseEvent extends infer E ? (E extends { at: number } ? Omit<E, 'at'> : never) : never

/** Feeds a trace with events, each at its time. */
function traceOf(events: readonly (readonly [at: number, event: Untimed])[]): LiveTrace {
  let now = 0
  const live = new LiveTrace(() => now)
  for (const [at, event] of events) {
    now = at
    live.add({ at: 0, ...event } as ConverseEvent)
  }
  return live
}

const heard = (...seqs: number[]): Untimed => ({
  type: 'heard',
  messages: seqs.map(seq => ({ seq, sender_id: 'Ben', content: `Ben ${seq}.`, message_id: `${seq}`, timestamp: '' })),
})
const spent = (input: number, output: number, estimated = false): Untimed => ({
  type: 'spent',
  ...{ input, output, estimated },
})

/** Ada is interrupted, keeps one of two parts, is held once, and sends. */
const interruptedTurn = [
  [10, { type: 'asked', turn: 1, shown: [] }],
  [200, { type: 'wrote', segment: 1, text: 'One.' }],
  [300, { type: 'wrote', segment: 2, text: ' Two' }],
  [310, { type: 'spent', input: 100, output: 5, estimated: true }],
  [310, { type: 'interrupted', by: { ...heardMessage(), seq: 1 }, segments: 2 }],
  [320, heard(1)],
  [330, { type: 'asked', turn: 1, why: 'interrupted', shown: [1] }],
  [400, { type: 'kept', segments: 1, of: 2 }],
  [500, { type: 'wrote', segment: 2, text: ' Three.' }],
  [510, spent(130, 7)],
  [520, heard(2)],
  [521, { type: 'held' }],
  [530, { type: 'asked', turn: 1, why: 'held', shown: [2] }],
  [600, { type: 'kept', segments: 2, of: 2 }],
  [610, spent(150, 2)],
  [640, { type: 'sent', seq: 3, content: 'One. Three.' }],
] as const satisfies readonly (readonly [number, Untimed])[]

function heardMessage() {
  return { sender_id: 'Ben', content: 'Ben 1.', message_id: '1', timestamp: '' }
}

const quietTask: Task = { plan: () => undefined, result: messages => messages.length }

function measureOf(live: LiveTrace, log: readonly ObservedMessage[]) {
  const writer = {
    ...{ first_token_ms: 0, input_tokens_per_s: Number.POSITIVE_INFINITY, output_tokens_per_s: 1 },
    ...{ notices: 1, repairs: 1, keeps: 1 },
  }
  const { trace, calls } = live
  const authors = [{ ...{ name: 'Ada', hasPart: true, writer, plan: quietTask.plan, trace, calls } } as AuthorRun]
  return measure({ task: quietTask, authors, log, isFinished: true, end_ms: 1_000, limit_ms: 1_000, score: [] })
}

const log: readonly ObservedMessage[] = [
  { seq: 1, sender_id: 'Ben', content: 'Ben 1.', at: 305 },
  { seq: 2, sender_id: 'Ben', content: 'Ben 2.', at: 505 },
  { seq: 3, sender_id: 'Ada', content: 'One. Three.', at: 635 },
]

test('the events of an interrupted turn become a trace with its wish, calls, parts and pushes', () => {
  const live = traceOf(interruptedTurn)
  expect(live.trace.map(({ at, type }) => `${at} ${type}`)).toEqual([
    '10 wanted',
    '10 asked',
    '10 read',
    '200 wrote',
    '300 wrote',
    '330 reviewed',
    '330 asked',
    '330 read',
    '400 undid',
    '500 wrote',
    '521 pushed',
    '521 held',
    '530 reviewed',
    '530 asked',
    '530 read',
    '640 pushed',
    '640 sent',
  ])
  expect(live.trace.flatMap(event => (event.type === 'read' ? [event.seq] : []))).toEqual([0, 1, 2])
  expect(live.tokens).toEqual({ input: 380, output: 14, estimated: true })
  expect([live.interruptions, live.holds, live.isIdle]).toEqual([1, 1, true])
})

test('the measures of an interrupted turn are those worked out by hand', () => {
  expect(measureOf(traceOf(interruptedTurn), log)).toMatchObject({
    ...{ messages: 1, crossings: 0, calls: 3, attemptsMean: 2, attemptsMost: 2 },
    // "One.", " Two" and " Three." were written, "One. Three." was sent.
    ...{ written: 15, discarded: 4 },
  })
})

test('a message that a prompt has not shown counts as crossed, also if a later one was shown', () => {
  const live = traceOf([
    [10, heard(1, 2)],
    [20, { type: 'asked', turn: 1, shown: [2] }],
    [30, { type: 'wrote', segment: 1, text: 'One. Three.' }],
    [40, spent(1, 1)],
    [640, { type: 'sent', seq: 3, content: 'One. Three.' }],
  ])
  expect(measureOf(live, log).crossings).toBe(2)
})

test('a turn without a word is no wish, and a withdrawn one ends there', () => {
  const live = traceOf([
    [10, { type: 'asked', turn: 1, shown: [] }],
    [20, spent(1, 1)],
    [30, { type: 'silent' }],
    [40, { type: 'asked', turn: 2, shown: [] }],
    [50, { type: 'wrote', segment: 1, text: 'Moot.' }],
    [60, { type: 'silent' }],
  ])
  expect(live.trace.map(({ at, type }) => `${at} ${type}`)).toEqual([
    '10 asked',
    '10 read',
    '40 wanted',
    '40 asked',
    '40 read',
    '50 wrote',
    '60 undid',
    '60 withdrew',
  ])
  expect(live.silentTurns).toBe(2)
})

test('a draft that was reset without an event counts as undone', () => {
  const live = traceOf([
    [10, { type: 'asked', turn: 1, shown: [] }],
    [20, { type: 'wrote', segment: 1, text: 'A.' }],
    [30, { type: 'wrote', segment: 2, text: ' B.' }],
    [40, { type: 'asked', turn: 1, shown: [] }],
    [50, { type: 'wrote', segment: 1, text: 'C.' }],
  ])
  expect(live.trace.flatMap(event => (event.type === 'undid' ? [event.text] : []))).toEqual([' B.', 'A.'])
})

test('a failed call counts as trouble, and an author that waits after it is idle until it is asked again', () => {
  const asked = [10, { type: 'asked', turn: 1, shown: [] }] as const
  const retried = traceOf([asked, [20, { type: 'trouble', sentence: 'Oh.', retry_ms: 5 }]])
  expect([retried.troubles, retried.isIdle]).toEqual([1, false])
  const given = [asked, [20, { type: 'trouble', sentence: 'Oh.', waits: true }]] as const
  expect(traceOf(given).isIdle).toBe(true)
  const again = traceOf([
    ...given,
    [500, { type: 'asked', turn: 1, shown: [] }],
    [510, { type: 'wrote', segment: 1, text: 'A.' }],
  ])
  // It wanted nothing before.
  expect([again.isIdle, again.trace.find(({ type }) => type === 'wanted')?.at]).toEqual([false, 500])
})
