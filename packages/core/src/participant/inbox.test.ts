import { prop } from '@midsentence/testing/properties'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Message, Seq } from '../room/message.ts'
import { cursorOf, type Inbox, inboxAt, knows, markGiven, markMissed, receive, skipRange } from './inbox.ts'

const messageAt = (seq: Seq): Message => ({
  message_id: `m${seq}`,
  sender_id: 'somebody',
  content: `message ${seq}`,
  timestamp: '2026-01-01T00:00:00.000Z',
  seq,
})

/** A model of the inbox, with plain sets. */
class Oracle {
  readonly start: Seq
  readonly arrived = new Set<Seq>()
  readonly own = new Set<Seq>()
  readonly given: Seq[] = []
  reported: Seq
  gone: Seq

  constructor(start: Seq) {
    this.start = start
    this.reported = start
    this.gone = start
  }

  get through(): Seq {
    let seq = this.gone
    while (this.arrived.has(seq + 1) || this.own.has(seq + 1)) seq++
    return seq
  }

  get waiting(): Seq[] {
    return [...this.arrived].filter(seq => !this.given.includes(seq)).sort((a, b) => a - b)
  }

  get unseen(): Seq[] {
    return this.waiting.filter(seq => seq <= this.through)
  }

  knows(seq: Seq): boolean {
    return seq <= this.through || this.arrived.has(seq) || this.own.has(seq)
  }

  passOver(seq: Seq): void {
    this.gone = this.through
    this.own.add(seq)
    this.arrived.delete(seq)
    this.gone = this.through
  }

  miss(from: Seq, to: Seq): void {
    const { through } = this
    this.gone = from <= through + 1 ? Math.max(through, to) : through
    for (let seq = from; seq <= to; seq++) if (!this.given.includes(seq)) this.arrived.delete(seq)
    this.gone = this.through
  }

  give(count: number): void {
    this.given.push(...this.unseen.slice(0, count))
  }

  get cursor(): Seq {
    return (this.unseen[0] ?? this.through + 1) - 1
  }
}

const LAST = 30
const step = fc.oneof(
  { weight: 8, arbitrary: fc.record({ type: fc.constant('arrive' as const), seq: fc.integer({ min: 1, max: LAST }) }) },
  { weight: 3, arbitrary: fc.record({ type: fc.constant('next' as const), early: fc.nat(3) }) },
  { weight: 2, arbitrary: fc.record({ type: fc.constant('own' as const), which: fc.nat(LAST) }) },
  { weight: 3, arbitrary: fc.record({ type: fc.constant('give' as const), count: fc.nat(4) }) },
  {
    weight: 1,
    arbitrary: fc.record({
      type: fc.constant('miss' as const),
      ahead: fc.integer({ min: -3, max: 4 }),
      length: fc.nat(5),
    }),
  },
)

const schedules = fc.record({
  start: fc.nat(5),
  own: fc.uniqueArray(fc.integer({ min: 1, max: LAST }), { maxLength: 8 }),
  steps: fc.array(step, { maxLength: 80, size: 'max' }),
})

/** Messages arrive in any order, own ones before or after their verdict; answers stop before an unconfirmed own one. */
function play({ start, own, steps }: typeof schedules extends fc.Arbitrary<infer T> ? T : never) {
  const mine = new Set(own)
  const oracle = new Oracle(start)
  const given: Seq[] = []
  let inbox = inboxAt(start)
  const arrive = (seq: Seq) => {
    if (knows(inbox, seq) !== oracle.knows(seq)) expect.fail(`${seq} is known, or is not`)
    if (knows(inbox, seq)) return
    inbox = receive(inbox, messageAt(seq))
    oracle.arrived.add(seq)
  }
  const pass = (seq: Seq) => {
    inbox = skipRange(inbox, seq, seq)
    oracle.passOver(seq)
  }
  const giveUpTo = (count: number) => {
    const doubt = inbox.unseen.findIndex(({ seq }) => mine.has(seq))
    const page = inbox.unseen.slice(0, doubt < 0 ? count : Math.min(doubt, count))
    given.push(...page.map(({ seq }) => seq))
    oracle.give(page.length)
    inbox = markGiven(inbox, page.at(-1)?.seq ?? cursorOf(inbox))
  }
  const check = (before: Inbox) => {
    const { through } = oracle
    const own = [...oracle.own].filter(seq => seq > through).sort((a, b) => a - b)
    const expected = [through, oracle.cursor, oracle.unseen, oracle.waiting.filter(seq => seq > through), own]
    const seqs = (messages: readonly Message[]) => messages.map(({ seq }) => seq)
    const found = [inbox.through, cursorOf(inbox), seqs(inbox.unseen), seqs(inbox.outOfOrder), inbox.own]
    // Compared as texts for speed, since it runs a hundred thousand times.
    if (JSON.stringify(found) !== JSON.stringify(expected)) expect(found).toEqual(expected)
    if (cursorOf(inbox) < cursorOf(before)) expect.fail('the cursor went back')
  }
  for (const taken of steps) {
    const before = inbox
    if (taken.type === 'arrive') arrive(taken.seq)
    else if (taken.type === 'next') arrive(inbox.through + 1 + taken.early)
    else if (taken.type === 'give') giveUpTo(taken.count)
    else if (taken.type === 'own') {
      const seq = own[taken.which]
      if (seq !== undefined) pass(seq)
    } else {
      const from = Math.max(cursorOf(inbox), inbox.through + taken.ahead) + 1
      inbox = markMissed(inbox, from, from + taken.length)
      oracle.miss(from, from + taken.length)
    }
    check(before)
  }
  return { arrive, pass, giveUpTo, given, mine, current: () => inbox }
}

prop('an inbox equals its model for every order of input, and its cursor never decreases', [schedules], schedule => {
  play(schedule)
})

prop('every message of others is given once, in order, and no own message is', [schedules], schedule => {
  const steps = schedule.steps.filter(({ type }) => type !== 'miss')
  const { arrive, pass, giveUpTo, given, mine, current } = play({ ...schedule, steps })
  for (let seq = LAST; seq >= 1; seq--) {
    if (mine.has(seq)) pass(seq)
    else arrive(seq)
  }
  giveUpTo(1000)
  const { through } = current()
  expect(through).toBeGreaterThanOrEqual(LAST)
  const after = Array.from({ length: through - schedule.start }, (_, index) => schedule.start + index + 1)
  expect(given).toEqual(after.filter(seq => !mine.has(seq)))
  expect(cursorOf(current())).toBe(through)
})

prop('missed seqs are reported once and cover all that never arrive', [schedules], ({ start, own, steps }) => {
  const { given, current, giveUpTo } = play({ start, own, steps })
  giveUpTo(0)
  expect(current().missed).toBeUndefined()
  expect(given).toEqual([...new Set(given)].sort((a, b) => a - b))
})

test('messages after a gap wait until it closes', () => {
  let inbox = receive(receive(inboxAt(4), messageAt(5)), messageAt(7))
  expect(inbox).toMatchObject({ through: 5, unseen: [{ seq: 5 }], outOfOrder: [{ seq: 7 }] })
  inbox = receive(inbox, messageAt(6))
  expect(inbox).toMatchObject({ through: 7, unseen: [{ seq: 5 }, { seq: 6 }, { seq: 7 }], outOfOrder: [] })
  expect(cursorOf(inbox)).toBe(4)
  expect(cursorOf(markGiven(inbox, 6))).toBe(6)
  expect(cursorOf(markGiven(inbox, 7))).toBe(7)
})

test('after everything was given the cursor is the head, own messages included', () => {
  const inbox = skipRange(markGiven(receive(inboxAt(0), messageAt(1)), 1), 2, 3)
  expect(cursorOf(inbox)).toBe(3)
  expect(knows(inbox, 2)).toBe(true)
})

test('skipRange removes an echo that arrived before its verdict', () => {
  const inbox = receive(receive(inboxAt(0), messageAt(1)), messageAt(2))
  expect(skipRange(inbox, 1, 1)).toMatchObject({ through: 2, unseen: [{ seq: 2 }] })
  expect(skipRange(receive(inboxAt(0), messageAt(3)), 3, 3)).toMatchObject({ through: 0, outOfOrder: [], own: [3] })
})

test('markMissed closes the gap and is reported by the next answer', () => {
  const inbox = markMissed(receive(inboxAt(2), messageAt(6)), 3, 5)
  expect(inbox).toMatchObject({ through: 6, unseen: [{ seq: 6 }], missed: { from: 3, to: 5 } })
  expect(markMissed(inbox, 7, 9).missed).toEqual({ from: 3, to: 9 })
  expect(markGiven(inbox, 6)).toEqual(inboxAt(6))
})
