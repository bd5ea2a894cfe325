import { draftText, prop } from '@midsentence/testing/properties'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { textOf } from '../draft/evolve.ts'
import type { Message, Seq } from '../room/message.ts'
import { compact, evolveParticipant, newParticipant, type ParticipantState, replay } from './evolve.ts'
import type { Fact, PublishReceipt, SessionJoined } from './facts.ts'
import { cursorOf, hasUnreported, inboxAt, knows } from './inbox.ts'

const messageAt = (seq: Seq): Message => ({
  message_id: `m${seq}`,
  sender_id: 'somebody',
  content: `message ${seq}`,
  timestamp: '2026-01-01T00:00:00.000Z',
  seq,
})
const session = { session_id: 's', token: 't', room: 'lobby', sender_id: 'ann', log: 'l' }
const joinedAt = (cursor: Seq, resumed = false): SessionJoined => ({
  type: 'joined',
  session,
  cursor,
  policy: 'hold',
  resumed,
})
const pushedAs = (seq: Seq): PublishReceipt => ({
  type: 'pushed',
  seq,
  message_id: `m${seq}`,
  timestamp: '2026-01-01T00:00:00.000Z',
  durability: 'memory',
})

const numbers = { n: fc.nat(5), text: draftText(3).map(text => text.toWellFormed()) }
const kind = fc.constantFrom(
  ...(['append', 'append', 'append', 'undo', 'reset', 'arrive', 'arrive', 'arrive', 'own', 'give', 'give'] as const),
  ...(['miss', 'push', 'push', 'sent', 'sent', 'held', 'refused', 'rejoin', 'resume', 'leave'] as const),
)
const steps = fc.array(fc.record({ kind, ...numbers }), { maxLength: 60, size: 'max' })

/** Returns a fact of this type that may follow in this state, if any. */
function next(state: ParticipantState, { kind, n, text }: { kind: string; n: number; text: string }): Fact | undefined {
  const { inbox, draft } = state
  if (!state.session && !['append', 'undo', 'reset'].includes(kind)) return joinedAt(n)
  switch (kind) {
    case 'append':
      return { type: 'appended', text, base: cursorOf(inbox) }
    case 'undo':
      return draft.head && { type: 'undone' }
    case 'reset':
      return { type: 'reset' }
    case 'arrive': {
      const seq = inbox.through + 1 + (n > 2 ? n : 0)
      return knows(inbox, seq) ? undefined : { type: 'arrived', message: messageAt(seq) }
    }
    case 'own':
      return { type: 'passed', from: inbox.through + n, to: inbox.through + n + (n % 2) }
    case 'give':
      return { type: 'given', through: inbox.unseen[n]?.seq ?? inbox.unseen.at(-1)?.seq ?? cursorOf(inbox) }
    case 'miss':
      return { type: 'missed', from: cursorOf(inbox) + 1, to: inbox.through + n + 1 }
    case 'push':
      return state.pushing || !draft.head
        ? undefined
        : { type: 'pushing', key: `k${n}`, base: cursorOf(inbox), meta: { n } }
    case 'sent':
      return state.pushing && pushedAs(inbox.through + 1 + n)
    case 'held':
      return state.pushing && { type: 'held', newest: inbox.through, more: n === 0 }
    case 'refused':
      return state.pushing && { type: 'refused', unknown: n === 0 }
    case 'rejoin':
      return n === 0 ? joinedAt(0) : undefined
    case 'resume':
      return joinedAt(inbox.through, true)
    default:
      return n === 0 ? { type: 'left' } : undefined
  }
}

/** A valid list of facts, and the state after each. */
const histories = steps.map(taken => {
  const facts: Fact[] = []
  const states = [newParticipant]
  for (const step of taken) {
    const fact = next(states.at(-1)!, step)
    if (!fact) continue
    facts.push(fact)
    states.push(evolveParticipant(states.at(-1)!, fact))
  }
  return { facts, states }
})

prop('[E2] facts written as JSON and read again lead to the same state', [histories], ({ facts, states }) => {
  expect(replay(JSON.parse(JSON.stringify(facts)))).toEqual(states.at(-1))
})

prop('[E2] every prefix of a list of facts leads to a valid state', [histories], ({ states }) => {
  const isValid = ({ inbox, draft }: ParticipantState) => {
    const seqs = inbox.unseen.map(({ seq }) => seq)
    const beyond = [...inbox.own, ...inbox.outOfOrder.map(({ seq }) => seq)]
    return (
      seqs.every((seq, nth) => seq <= inbox.through && (nth === 0 || seq > seqs[nth - 1]!)) &&
      new Set(beyond).size === beyond.length &&
      beyond.every(seq => seq > inbox.through + 1) &&
      cursorOf(inbox) <= inbox.through &&
      draft.length === [...textOf(draft)].length
    )
  }
  expect(states.filter(state => !isValid(state))).toEqual([])
})

prop('[E2] a compacted list leads to the same state', [histories], ({ states }) => {
  const compacted = states.map(state => {
    const facts = compact(state)
    return facts ? replay(JSON.parse(JSON.stringify(facts))) : state
  })
  expect(compacted).toEqual(states)
  const hasPending = ({ session, pushing, inbox, holdStreak }: ParticipantState) =>
    Boolean(
      !session || pushing || hasUnreported(inbox) || inbox.rejoined || inbox.renamed !== undefined || holdStreak.count,
    )
  expect(states.filter(state => !compact(state) && !hasPending(state))).toEqual([])
})

prop('[E2] replay can continue from any state', [histories, fc.nat(60)], ({ facts, states }, at) => {
  const where = Math.min(at, facts.length)
  const from = states[where]!
  expect(replay(facts.slice(where), from)).toEqual(states.at(-1))
  const short = compact(from)
  if (short) expect(replay([...short, ...facts.slice(where)])).toEqual(states.at(-1))
})

test('[E2] compact turns a long history into a short one', () => {
  const long: Fact[] = [joinedAt(0)]
  for (let seq = 1; seq <= 5_000; seq++) {
    long.push(
      { type: 'appended', text: 'x', base: seq - 1 },
      { type: 'pushing', key: `${seq}`, base: seq - 1 },
      pushedAs(seq),
    )
  }
  expect(compact(replay(long))).toEqual([joinedAt(5_000)])
})

test('[E2] compact returns undefined while something is pending', () => {
  const base = replay([joinedAt(3), { type: 'appended', text: 'x', base: 3 }])
  expect(compact(base)).toHaveLength(2)
  expect(compact(newParticipant)).toBeUndefined()
  for (const fact of [
    { type: 'pushing', key: 'k', base: 3 },
    { type: 'missed', from: 4, to: 5 },
    { type: 'held', newest: 4, more: false },
    joinedAt(0),
    { type: 'left' },
  ] satisfies Fact[]) {
    expect(compact(evolveParticipant(base, fact)), fact.type).toBeUndefined()
  }
})

test('a participant that left keeps only its draft', () => {
  const state = replay([joinedAt(3), { type: 'appended', text: 'x', base: 3 }, { type: 'left' }])
  expect(textOf(state.draft)).toBe('x')
  expect({ ...state, draft: newParticipant.draft }).toEqual(newParticipant)
})

const elsewhere = (cursor: number): Fact => {
  const joined = joinedAt(cursor) as SessionJoined
  return { ...joined, session: { ...joined.session, log: 'another' } }
}

test.each([
  ['of another log', elsewhere(2), 'room', 0, undefined],
  ['of the same log', joinedAt(9), 'session', 4, { from: 5, to: 9 }],
  ['of the same log, at the same place', joinedAt(4), 'session', 4, undefined],
  ['of the same log, which lost its end', joinedAt(1), 'session', 0, undefined],
] as const)(
  '[A6] a session %s keeps the draft and what was received, and is reported once',
  (_, join, rejoined, seq, missed) => {
    const { cursor } = join as SessionJoined
    const state = replay([
      joinedAt(3),
      { type: 'appended', text: 'x', base: 3 },
      { type: 'arrived', message: messageAt(4) },
      join,
    ])
    expect(state.inbox).toEqual({ ...inboxAt(cursor), earlier: [{ ...messageAt(4), seq }], rejoined, missed })
    expect(textOf(state.draft)).toBe('x')
    expect(evolveParticipant(state, { type: 'given', through: cursor, earlier: 1 }).inbox).toEqual(inboxAt(cursor))
  },
)

test('[A4] a session under another name is reported once', () => {
  const joined = joinedAt(3, true) as SessionJoined
  const state = replay([joinedAt(3), { ...joined, session: { ...joined.session, sender_id: 'Ada-2' } }])
  expect(state.inbox.renamed).toBe('Ada-2')
  expect(evolveParticipant(state, { type: 'given', through: 3 }).inbox).toEqual(inboxAt(3))
})
