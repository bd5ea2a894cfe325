import type { Message, Seq } from '@midsentence/core'
import { type HistoryDraft, type Mutable, talk } from '@midsentence/testing/recorded-room'
import { expect, test } from 'vitest'
import type { RuleId } from '../kit/rules.ts'
import { checkHistory } from './check-history.ts'
import type { CallPlace } from './finding.ts'
import type { Call, Entry, Told } from './history.ts'

const witness = (history: HistoryDraft, name: string) => history.witnesses.find(who => who.name === name)!
const call = (history: HistoryDraft, name: string, index: number) => witness(history, name).calls[index]!
const told = (history: HistoryDraft, name: string, index: number) => call(history, name, index).answer!
const entry = (history: HistoryDraft, seq: Seq) => history.log!.find(message => message.seq === seq)!
const next = (history: HistoryDraft, seq: Seq, changed: Partial<Entry>) =>
  history.log!.push({ ...structuredClone(entry(history, seq)), seq: 7, ...changed } as Mutable<Entry>)
const move = (history: HistoryDraft, name: string, index: number, to: number) =>
  Object.assign(call(history, name, index), { from: to + 0.0001, to: to + 0.0002 })

/** Each is a good history with one thing wrong. */
const wrongs: readonly (readonly [RuleId, string, (history: HistoryDraft) => unknown])[] = [
  ['G1', 'an acknowledged message is not in the log', h => (h.log = h.log!.filter(({ seq }) => seq !== 5))],
  ['L2', 'two messages of the log change places', h => h.log!.splice(2, 2, entry(h, 4), entry(h, 3))],
  ['L2', 'a place is taken twice', h => h.log!.splice(2, 0, structuredClone(entry(h, 3)))],
  ['L2', 'two pushes are told of one place', h => (told(h, 'Ben', 3).seq = 4)],
  ['L2', 'the author is told another id', h => (told(h, 'Ada', 2).message_id = 'another')],
  ['L2', 'a push called after the second message became the first', h => move(h, 'Ada', 0, call(h, 'Ben', 1).to!)],
  ['P5', 'one caller’s pushes change places', h => move(h, 'Ada', 0, call(h, 'Ada', 2).to!)],
  ['P1', 'the log has another content', h => (entry(h, 4).content = 'a3')],
  [
    'P1',
    'a message stands under another name',
    h => Object.assign(entry(h, 4), { session: witness(h, 'Ben').session, sender_id: 'Ben' }),
  ],
  ['P1', 'a message stands there that nobody pushed', h => next(h, 4, { content: 'a3', base: 6 })],
  ['P4', 'a message is there twice', h => next(h, 4, { base: 6 })],
  ['P4', 'one key, two messages', h => (told(h, 'Ada', 4).seq = 4)],
  ['P3', 'a held push is in the log', h => next(h, 3, { content: 'c0', base: 6 })],
  [
    'P3',
    'a push that ended with an error is in the log',
    h => {
      const push = call(h, 'Ada', 2)
      delete push.answer
      push.error = { code: 'rate-limited' }
    },
  ],
  ['H1', 'a base below what its author had been given', h => (entry(h, 5).base = 3)],
  ['H1', 'a base above what its author had been given', h => (entry(h, 4).base = 4)],
  [
    'H1',
    'sent past a message that its author had not been given',
    h => {
      entry(h, 3).base = call(h, 'Cyd', 1).after = 1
    },
  ],
  ['H1', 'held for what was pushed later', h => Object.assign(call(h, 'Cyd', 0), { from: -2, to: -1 })],
  [
    'H1',
    'held by nothing',
    h =>
      witness(h, 'Cyd').calls.push({
        action: 'publish',
        from: 1,
        to: 2,
        after: 6,
        content: 'c2',
        answer: { status: 0, held: true, messages: [], cursor: 6 },
      }),
  ],
  ['H2', 'held in a room that annotates', h => (h.settings = { policy: 'annotate' })],
  ['H3', 'one that was crossed is not named', h => entry(h, 6).crossed!.pop()],
  ['H3', 'one is named that was not crossed', h => (entry(h, 4).crossed = [2])],
  ['H3', 'its author is told less than the log says', h => delete told(h, 'Old', 0).crossed],
  ['L1', 'a message is left out within an answer', h => told(h, 'Cyd', 2).messages.splice(1, 1)],
  ['L1', 'a message is left out between answers', h => told(h, 'Cyd', 2).messages.shift()],
  ['L1', 'two messages of an answer change places', h => told(h, 'Cyd', 2).messages.reverse()],
  ['L1', 'a message is twice in an answer', h => told(h, 'Cyd', 2).messages.unshift(message(h, 4))],
  [
    'L1',
    'a message is given again by a later answer',
    h => Object.assign(told(h, 'Cyd', 3), { status: 1, messages: [message(h, 6)] }),
  ],
  ['L2', 'a message is given with another content', h => (told(h, 'Ada', 3).messages[0]!.content = 'another')],
  [
    'L2',
    'a message is given that is not in the log',
    h => {
      told(h, 'Ada', 3).messages.push({ ...message(h, 6), seq: 7 })
      told(h, 'Ada', 3).cursor = 7
    },
  ],
  ['L4', 'one’s own message is given', h => told(h, 'Cyd', 2).messages.unshift(message(h, 3))],
  ['L5', 'the cursor passes over what was not given', h => told(h, 'Cyd', 2).messages.pop()],
  ['L5', 'the cursor goes back', h => (told(h, 'Cyd', 3).cursor = 3)],
  ['L5', 'nothing is given, and the cursor moves', h => Object.assign(told(h, 'Dan', 0), { status: 0, messages: [] })],
  ['R4', 'something from before the join is given', h => told(h, 'Dan', 0).messages.unshift(message(h, 5))],
  ['R4', 'what was asked for again is not given', h => told(h, 'Ben', 5).messages.shift()],
  ['C1', 'a check says 0 with messages', h => (told(h, 'Ada', 1).status = 0)],
  ['C1', 'a check says 1 without', h => (told(h, 'Cyd', 3).status = 1)],
  ['R1', 'a repeated call is told something else', h => (told(h, 'Ada', 4).cursor = 6)],
]

/** As it is given: without what only the log tells. */
function message(history: HistoryDraft, seq: Seq): Mutable<Message> {
  const { session: _, ...given } = structuredClone(entry(history, seq))
  return given
}

test('a good history breaks no rule, nor does it without the log', async () => {
  const history = await talk()
  expect(checkHistory(history)).toEqual([])
  const { log, ...rest } = history
  expect(log).toHaveLength(6)
  expect(checkHistory(rest)).toEqual([])
})

for (const [rule, what, make] of wrongs) {
  test(`[${rule}] found in a history: ${what}`, async () => {
    const history = await talk()
    make(history)
    const found = checkHistory(history)
    expect(found.map(finding => finding.rule)).toContain(rule)
    const isThere = ({ session, index }: CallPlace) =>
      history.witnesses.some(witness => witness.session === session && witness.calls[index])
    expect(found.flatMap(({ calls }) => calls).filter(place => !isThere(place))).toEqual([])
  })
}

test('a finding says what is wrong and which calls show it', async () => {
  const history = await talk()
  told(history, 'Cyd', 2).messages.shift()
  expect(checkHistory(history)).toEqual([
    {
      rule: 'L1',
      what: "Cyd's check (call 2) was given what comes from 5 on; message 4 was never given.",
      calls: [{ session: witness(history, 'Cyd').session, index: 2 }],
    },
  ])
})

test('[L3] what an answer says was missed is not held against it', async () => {
  const history = await talk()
  const answer = told(history, 'Cyd', 2)
  answer.messages.shift()
  answer.missed = { from: 4, to: 4 }
  expect(checkHistory(history)).toEqual([])
})

test('what a lost answer may have given is not missed, and a lost push may be there or not', async () => {
  const history = await talk()
  for (const [name, index] of [
    ['Ben', 2],
    ['Ada', 2],
    ['Cyd', 0],
  ] as const)
    delete call(history, name, index).answer
  expect(checkHistory(history)).toEqual([])
})

test('a log may begin later than the room', async () => {
  const history = await talk()
  history.log!.splice(0, 3)
  expect(checkHistory(history)).toEqual([])
})

test('a message that another sent under one’s name is given', async () => {
  const history = await talk()
  const { session } = witness(history, 'Old')
  entry(history, 6).sender_id = 'Cyd'
  witness(history, 'Old').name = 'Cyd'
  for (const { calls } of history.witnesses) {
    for (const { answer } of calls)
      for (const given of answer?.messages ?? []) if (given.seq === 6) given.sender_id = 'Cyd'
  }
  expect(entry(history, 6).session).toBe(session)
  expect(checkHistory(history)).toEqual([])
})

const said = (seq: Seq): Entry => ({
  message_id: `m${seq}`,
  sender_id: 'Ben',
  content: `${seq}`,
  timestamp: '2026-01-01T00:00:00.000Z',
  seq,
  session: 'b',
})
const given = (...seqs: Seq[]): Message[] => seqs.map(seq => (({ session: _, ...message }) => message)(said(seq)))

/** What Ada called in a room where Ben said two things. */
const adas = (...calls: Call[]) =>
  checkHistory({ witnesses: [{ session: 'a', name: 'Ada', cursor: 0, calls }], log: [said(1), said(2)] }).map(
    ({ rule }) => rule,
  )
const gave = (seqs: Seq[], cursor: Seq): Told => ({ status: seqs.length > 0 ? 1 : 0, messages: given(...seqs), cursor })

test('what a waiting check says to have is had by the calls that are answered before it', () => {
  const check: Call = { action: 'check', from: 1, to: 9, answer: gave([2], 2) }
  const preview: Call = { action: 'preview', from: 2, to: 3, answer: gave([], 1) }
  expect(adas({ ...check, after: 1 }, preview)).toEqual([])
  expect(adas(check, preview)).toContain('L5')
})

test('[R4] what other calls are given while a check waits is not given by the check', () => {
  const check: Call = { action: 'check', after: 0, from: 1, to: 9, answer: gave([2], 2) }
  expect(adas(check, { action: 'undo', from: 2, to: 3, answer: gave([1], 1) })).toEqual([])
  expect(adas(check)).toEqual(['R4'])
})
