import type { Message, Seq } from '@midsentence/core'
import { type HistoryDraft, type Mutable, talk } from '@midsentence/testing/recorded-room'
import { expect, test } from 'vitest'
import type { RuleId } from '../kit/rules.ts'
import { checkHistory } from './check-history.ts'
import type { CallRef } from './finding.ts'
import type { LogEntry, RecordedAnswer, RecordedCall } from './history.ts'

const caller = (history: HistoryDraft, name: string) => history.callers.find(who => who.name === name)!
const call = (history: HistoryDraft, name: string, index: number) => caller(history, name).calls[index]!
const answerOf = (history: HistoryDraft, name: string, index: number) => call(history, name, index).answer!
const entry = (history: HistoryDraft, seq: Seq) => history.log!.find(message => message.seq === seq)!
const next = (history: HistoryDraft, seq: Seq, changed: Partial<LogEntry>) =>
  history.log!.push({ ...structuredClone(entry(history, seq)), seq: 7, ...changed } as Mutable<LogEntry>)
const move = (history: HistoryDraft, name: string, index: number, to: number) =>
  Object.assign(call(history, name, index), { from: to + 0.0001, to: to + 0.0002 })

/** Each makes one part of a correct history wrong. */
const mistakes: readonly (readonly [RuleId, string, (history: HistoryDraft) => unknown])[] = [
  ['G1', 'an acknowledged message is not in the log', h => (h.log = h.log!.filter(({ seq }) => seq !== 5))],
  ['L2', 'two messages of the log change places', h => h.log!.splice(2, 2, entry(h, 4), entry(h, 3))],
  ['L2', 'two messages have one seq', h => h.log!.splice(2, 0, structuredClone(entry(h, 3)))],
  ['L2', 'two pushes get the same seq', h => (answerOf(h, 'Ben', 3).seq = 4)],
  ['L2', 'the author gets another id', h => (answerOf(h, 'Ada', 2).message_id = 'another')],
  ['L2', 'a push called after the second message became the first', h => move(h, 'Ada', 0, call(h, 'Ben', 1).to!)],
  ['P5', 'one caller’s pushes change places', h => move(h, 'Ada', 0, call(h, 'Ada', 2).to!)],
  ['P1', 'the log has another content', h => (entry(h, 4).content = 'a3')],
  [
    'P1',
    'a message has another sender',
    h => Object.assign(entry(h, 4), { session: caller(h, 'Ben').session, sender_id: 'Ben' }),
  ],
  ['P1', 'a message was never pushed', h => next(h, 4, { content: 'a3', base: 6 })],
  ['P4', 'a message is in the log twice', h => next(h, 4, { base: 6 })],
  ['P4', 'one key, two messages', h => (answerOf(h, 'Ada', 4).seq = 4)],
  ['P3', 'a held push is in the log', h => next(h, 3, { content: 'c0', base: 6 })],
  [
    'P3',
    'a push that failed is in the log',
    h => {
      const push = call(h, 'Ada', 2)
      delete push.answer
      push.error = { code: 'rate-limited' }
    },
  ],
  ['H1', 'a base is below its author’s cursor', h => (entry(h, 5).base = 3)],
  ['H1', 'a base is above its author’s cursor', h => (entry(h, 4).base = 4)],
  [
    'H1',
    'a push is sent past an unseen message',
    h => {
      entry(h, 3).base = call(h, 'Cyd', 1).after = 1
    },
  ],
  [
    'H1',
    'a push is held for a message that was pushed later',
    h => Object.assign(call(h, 'Cyd', 0), { from: -2, to: -1 }),
  ],
  [
    'H1',
    'a push is held without an unseen message',
    h =>
      caller(h, 'Cyd').calls.push({
        action: 'publish',
        from: 1,
        to: 2,
        after: 6,
        content: 'c2',
        answer: { status: 0, held: true, messages: [], cursor: 6 },
      }),
  ],
  ['H2', 'a push is held under the annotate policy', h => (h.settings = { policy: 'annotate' })],
  ['H3', 'a crossed message is not listed', h => entry(h, 6).crossed!.pop()],
  ['H3', 'a message is listed that was not crossed', h => (entry(h, 4).crossed = [2])],
  ['H3', 'its author’s answer lists less than the log', h => delete answerOf(h, 'Old', 0).crossed],
  ['L1', 'an answer leaves out a message in the middle', h => answerOf(h, 'Cyd', 2).messages.splice(1, 1)],
  ['L1', 'a message is left out between two answers', h => answerOf(h, 'Cyd', 2).messages.shift()],
  ['L1', 'two messages of an answer change places', h => answerOf(h, 'Cyd', 2).messages.reverse()],
  ['L1', 'a message is twice in an answer', h => answerOf(h, 'Cyd', 2).messages.unshift(message(h, 4))],
  [
    'L1',
    'a later answer delivers a message again',
    h => Object.assign(answerOf(h, 'Cyd', 3), { status: 1, messages: [message(h, 6)] }),
  ],
  ['L2', 'a message is delivered with another content', h => (answerOf(h, 'Ada', 3).messages[0]!.content = 'another')],
  [
    'L2',
    'a message is delivered that is not in the log',
    h => {
      answerOf(h, 'Ada', 3).messages.push({ ...message(h, 6), seq: 7 })
      answerOf(h, 'Ada', 3).cursor = 7
    },
  ],
  ['L4', 'a session receives its own message', h => answerOf(h, 'Cyd', 2).messages.unshift(message(h, 3))],
  ['L5', 'the cursor passes an undelivered message', h => answerOf(h, 'Cyd', 2).messages.pop()],
  ['L5', 'the cursor goes back', h => (answerOf(h, 'Cyd', 3).cursor = 3)],
  [
    'L5',
    'the cursor moves although nothing is delivered',
    h => Object.assign(answerOf(h, 'Dan', 0), { status: 0, messages: [] }),
  ],
  ['R4', 'a message from before the join is delivered', h => answerOf(h, 'Dan', 0).messages.unshift(message(h, 5))],
  ['R4', 'a message that was requested again is not delivered', h => answerOf(h, 'Ben', 5).messages.shift()],
  ['C1', 'a check answers 0 with messages', h => (answerOf(h, 'Ada', 1).status = 0)],
  ['C1', 'a check answers 1 without messages', h => (answerOf(h, 'Cyd', 3).status = 1)],
  ['R1', 'a repeated call gets another answer', h => (answerOf(h, 'Ada', 4).cursor = 6)],
]

/** Returns a message as answers deliver it: without its session. */
function message(history: HistoryDraft, seq: Seq): Mutable<Message> {
  const { session: _, ...given } = structuredClone(entry(history, seq))
  return given
}

test('a correct history breaks no rule, with the log or without', async () => {
  const history = await talk()
  expect(checkHistory(history)).toEqual([])
  const { log, ...rest } = history
  expect(log).toHaveLength(6)
  expect(checkHistory(rest)).toEqual([])
})

for (const [rule, what, make] of mistakes) {
  test(`[${rule}] found in a history: ${what}`, async () => {
    const history = await talk()
    make(history)
    const found = checkHistory(history)
    expect(found.map(finding => finding.rule)).toContain(rule)
    const isThere = ({ session, index }: CallRef) =>
      history.callers.some(caller => caller.session === session && caller.calls[index])
    expect(found.flatMap(({ calls }) => calls).filter(place => !isThere(place))).toEqual([])
  })
}

test('a finding has a sentence and the calls that show it', async () => {
  const history = await talk()
  answerOf(history, 'Cyd', 2).messages.shift()
  expect(checkHistory(history)).toEqual([
    {
      rule: 'L1',
      what: "Cyd's check (call 2) returned messages from 5 on; message 4 was never delivered.",
      calls: [{ session: caller(history, 'Cyd').session, index: 2 }],
    },
  ])
})

test('[L3] messages that an answer reports as missed are no finding', async () => {
  const history = await talk()
  const answer = answerOf(history, 'Cyd', 2)
  answer.messages.shift()
  answer.missed = { from: 4, to: 4 }
  expect(checkHistory(history)).toEqual([])
})

test('a lost answer may have delivered messages, and a lost push may be in the log or not', async () => {
  const history = await talk()
  for (const [name, index] of [
    ['Ben', 2],
    ['Ada', 2],
    ['Cyd', 0],
  ] as const)
    delete call(history, name, index).answer
  expect(checkHistory(history)).toEqual([])
})

test('a log may begin later than its room', async () => {
  const history = await talk()
  history.log!.splice(0, 3)
  expect(checkHistory(history)).toEqual([])
})

test('a session receives messages that another session sent under its name', async () => {
  const history = await talk()
  const { session } = caller(history, 'Old')
  entry(history, 6).sender_id = 'Cyd'
  caller(history, 'Old').name = 'Cyd'
  for (const { calls } of history.callers) {
    for (const { answer } of calls)
      for (const given of answer?.messages ?? []) if (given.seq === 6) given.sender_id = 'Cyd'
  }
  expect(entry(history, 6).session).toBe(session)
  expect(checkHistory(history)).toEqual([])
})

const sent = (seq: Seq): LogEntry => ({
  message_id: `m${seq}`,
  sender_id: 'Ben',
  content: `${seq}`,
  timestamp: '2026-01-01T00:00:00.000Z',
  seq,
  session: 'b',
})
const delivered = (...seqs: Seq[]): Message[] => seqs.map(seq => (({ session: _, ...message }) => message)(sent(seq)))

/** Checks Ada's calls in a room where Ben sent two messages. */
const brokenByAda = (...calls: RecordedCall[]) =>
  checkHistory({ callers: [{ session: 'a', name: 'Ada', cursor: 0, calls }], log: [sent(1), sent(2)] }).map(
    ({ rule }) => rule,
  )
const delivering = (seqs: Seq[], cursor: Seq): RecordedAnswer => ({
  status: seqs.length > 0 ? 1 : 0,
  messages: delivered(...seqs),
  cursor,
})

test('the after of a waiting check applies to calls that are answered before it', () => {
  const check: RecordedCall = { action: 'check', from: 1, to: 9, answer: delivering([2], 2) }
  const preview: RecordedCall = { action: 'preview', from: 2, to: 3, answer: delivering([], 1) }
  expect(brokenByAda({ ...check, after: 1 }, preview)).toEqual([])
  expect(brokenByAda(check, preview)).toContain('L5')
})

test('[R4] a waiting check does not deliver what other calls received meanwhile', () => {
  const check: RecordedCall = { action: 'check', after: 0, from: 1, to: 9, answer: delivering([2], 2) }
  expect(brokenByAda(check, { action: 'undo', from: 2, to: 3, answer: delivering([1], 1) })).toEqual([])
  expect(brokenByAda(check)).toEqual(['R4'])
})

test('[L6] a check that another check or a leave ended gives nothing; any other gives what was known before it', () => {
  const ben = { session: 'b', name: 'Ben', cursor: 0, direct: true } as const
  const brokenWith = (...calls: RecordedCall[]) =>
    checkHistory({
      callers: [
        { ...ben, calls: [{ action: 'preview', after: 2, from: 0, to: 1, answer: delivering([], 2) }] },
        { session: 'a', name: 'Ada', cursor: 0, direct: true, calls },
      ],
      log: [sent(1), sent(2)],
    }).map(({ rule }) => rule)
  const check: RecordedCall = { action: 'check', from: 2, to: 5, answer: delivering([], 0) }
  expect(brokenWith(check)).toContain('L6')
  for (const action of ['check', 'leave'] as const) {
    expect(brokenWith(check, { action, from: 4, to: 9 })).not.toContain('L6')
    expect(brokenWith(check, { action, from: 6, to: 9 })).toContain('L6')
  }
})
