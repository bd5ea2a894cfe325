import { byTier } from '@midsentence/testing/tier'
import { expect, test } from 'vitest'
import { checkHistory } from './check-history.ts'
import type { LogEntry, RecordedAnswer, RecordedCall } from './history.ts'

const PEOPLE = 4
/** The long tier takes as many as a long day has. */
const MESSAGES = byTier(3000, 40_000)

/** Four participants send in turn and all others read each message: five events a message. */
function longTalk() {
  const calls: RecordedCall[][] = Array.from({ length: PEOPLE }, () => [])
  const log: LogEntry[] = []
  let now = 0
  const add = (who: number, call: Omit<RecordedCall, 'from' | 'to'>) =>
    calls[who]!.push({ ...call, from: ++now, to: ++now })
  for (let seq = 1; seq <= MESSAGES; seq++) {
    const who = seq % PEOPLE
    const [message_id, timestamp, content] = [`m${seq}`, '2026-01-01T00:00:00.000Z', `${seq}`]
    const message = { message_id, sender_id: `p${who}`, content, timestamp, seq, base: seq - 1 }
    log.push({ ...message, session: `s${who}` })
    const answer: RecordedAnswer = { status: 1, messages: [], cursor: seq, message_id, timestamp, seq }
    add(who, { action: 'publish', content, key: `${seq}`, after: seq - 1, answer })
    for (let reader = 0; reader < PEOPLE; reader++) {
      if (reader !== who) add(reader, { action: 'check', answer: { status: 1, messages: [message], cursor: seq } })
    }
  }
  return {
    callers: calls.map((calls, who) => ({ session: `s${who}`, name: `p${who}`, cursor: 0, calls })),
    log,
  }
}

test(`a missing answer is found among ${5 * MESSAGES} events`, () => {
  const history = longTalk()
  expect(history.log.length + history.callers.flatMap(({ calls }) => calls).length).toBe(5 * MESSAGES)
  expect(checkHistory(history)).toEqual([])
  history.callers[0]!.calls.splice(MESSAGES / 2 + 1, 1)
  expect(checkHistory(history)).toMatchObject([{ rule: 'L1', calls: [{ session: 's0' }] }])
})

test('a history in which one participant never reads takes no longer', () => {
  const [session, name] = ['s', 'deaf']
  const log: LogEntry[] = []
  const calls: RecordedCall[] = []
  for (let seq = 1; seq <= 2.5 * MESSAGES; seq++) {
    const others = Math.min(1000, seq - 1)
    const crossed = Array.from({ length: Math.min(100, others) }, (_, at) => others - Math.min(100, others) + at + 1)
    const receipt = {
      message_id: `m${seq}`,
      timestamp: '2026-01-01T00:00:00.000Z',
      seq,
      ...(others > 0 && { crossed }),
      ...(others > 100 && { crossed_more: others - 100 }),
    }
    const own = seq > 1000
    log.push({
      ...(own ? { ...receipt, base: 0 } : receipt),
      sender_id: own ? name : 'Ben',
      content: `${seq}`,
      session: own ? session : 'b',
    })
    if (own) {
      const answer: RecordedAnswer = { status: 1, messages: [], cursor: 0, more: true, ...receipt }
      calls.push({ action: 'push', content: `${seq}`, after: 0, from: seq, to: seq + 0.5, answer })
    }
  }
  const callers = [{ session, name, cursor: 0, calls }]
  expect(checkHistory({ settings: { policy: 'annotate' }, callers: callers, log })).toEqual([])
})
