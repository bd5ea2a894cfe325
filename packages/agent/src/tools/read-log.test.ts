import { type Message, virtualClock } from '@midsentence/core'
import { expect, test } from 'vitest'
import { MAX_UNREAD, ReadLog } from './read-log.ts'

const message = (seq: number): Message => ({
  seq,
  message_id: `m${seq}`,
  sender_id: 'Ada',
  content: `number ${seq}`,
  timestamp: '2026-01-01T00:00:00.000Z',
})
const answer = (...seqs: number[]) =>
  ({ status: seqs.length > 0 ? 1 : 0, cursor: seqs.at(-1) ?? 0, messages: seqs.map(message) }) as const
const options = { name: 'Claude', signal: undefined, turn: undefined, hasCode: false, observable: false }

function showing(log: ReadLog, data: ReturnType<typeof answer>, hasCode = false) {
  log.add(data)
  const { text } = log.show('check', data, { ...options, hasCode })
  return { text, code: /Read code: (\d+-[a-z]{2})\.$/.exec(text)?.[1] }
}

test('[W5] messages that no result has shown are full at 1,000, and are not once a result shows them', () => {
  const log = new ReadLog(0, virtualClock())
  log.add(answer(...Array.from({ length: MAX_UNREAD - 1 }, (_, at) => at + 1)))
  expect(log.isFull).toBe(false)
  log.add(answer(MAX_UNREAD))
  expect(log.isFull).toBe(true)
  showing(log, answer())
  expect(log.isFull).toBe(false)
})

test('[U1] a code acknowledges its answer and every earlier one; a foreign, guessed or unreadable one nothing', () => {
  const log = new ReadLog(0, virtualClock())
  const first = showing(log, answer(1)).code!
  const second = showing(log, answer(2, 3)).code!
  expect([first, second]).toEqual([expect.stringMatching(/^1-/), expect.stringMatching(/^3-/)])
  const foreign = new ReadLog(0, virtualClock())
  for (const seq of [1, 2, 3]) showing(foreign, answer(seq))
  const guessed = second.endsWith('aa') ? '3-ab' : '3-aa'
  for (const read of [null, undefined, 3, {}, '', '3', 'garbage', guessed, `9${second}`, '3-', [second]])
    expect([log.acknowledge(read), log.base]).toEqual([false, 0])
  expect([log.acknowledge(`Read code: ${first}.`), log.base]).toEqual([true, 1])
  expect([log.acknowledge(`"${second.toUpperCase()}"`), log.base]).toEqual([true, 3])
  expect([log.acknowledge(first), log.base]).toEqual([true, 3])
})

test('[U3] a call with a code is shown everything after it again, and one without only what is new', () => {
  const log = new ReadLog(0, virtualClock())
  const { code } = showing(log, answer(1))
  showing(log, answer(2))
  expect(showing(log, answer()).text).not.toContain('number')
  expect(log.acknowledge(code)).toBe(true)
  expect(showing(log, answer(), true).text).toMatch(/^Ada: number 2\n\* Read code: 2-/)
})

test('[U3] what an aborted call would have shown is shown by the next one', () => {
  const log = new ReadLog(0, virtualClock())
  log.add(answer(1))
  const signal = AbortSignal.abort()
  expect(() => log.show('check', answer(1), { ...options, signal })).toThrow('abort')
  expect(showing(log, answer()).text).toContain('Ada: number 1')
})

test('[U4] without codes, a push a second after a held answer counts what it showed as read, and nothing after', async () => {
  const clock = virtualClock()
  const log = new ReadLog(0, clock)
  const held = (...seqs: number[]) => {
    const data = { ...answer(...seqs), status: 0, held: true, suffix: 'x', segments: 1 } as const
    log.add(data)
    log.show('push', data, options)
  }
  expect(log.pushBase(false, undefined)).toBe(0)
  held(1)
  expect(log.pushBase(false, undefined)).toBe(0)
  showing(log, answer(2))
  await clock.advance(1000)
  expect(log.pushBase(true, undefined)).toBe(0)
  expect(log.pushBase(false, undefined)).toBe(1)
})

test('[U5] after several empty checks the suggested waits differ from one to the next', () => {
  const log = new ReadLog(0, virtualClock())
  const texts = Array.from({ length: 12 }, () => showing(log, answer()).text)
  const waits = texts.map(text => /timeout_ms (\d+)/.exec(text)?.[1])
  expect(waits.slice(0, 8)).toEqual([undefined, undefined, '30000', '35000', '40000', '45000', '50000', '55000'])
  for (const [at, wait] of waits.entries()) if (at > 2) expect(wait).not.toBe(waits[at - 1])
})
