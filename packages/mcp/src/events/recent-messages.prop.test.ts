import { type Message, virtualClock } from '@midsentence/core'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { formatCursor, parseCursor } from './log-position.ts'
import { RecentMessages } from './recent-messages.ts'

const message = (seq: number): Message => ({
  seq,
  message_id: `m${seq}`,
  sender_id: 'Ada',
  content: '',
  timestamp: '2026-01-01T00:00:00.000Z',
  base: 0,
})

type Step = 'add' | 'duplicate' | 'lose' | 'miss' | 'new log' | 'read'

test('a reader of events gets every message once and in order, and a notice wherever one is lost or the log is another', () => {
  const step = fc.constantFrom<Step>('add', 'add', 'duplicate', 'lose', 'miss', 'new log', 'read')
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), fc.nat(5), (plan, start) => {
      let log = 'log 0'
      let logs = 0
      const recent = new RecentMessages({ log, seq: start })
      let head = start
      let position = { log, seq: start }
      /** What messages and notices of the newest log cover, from `base` on. */
      let covered: number[] = []
      let base = start
      const read = () => {
        const { messages, from, truncated } = recent.after(position)
        expect(truncated).toBe(from.log !== position.log || from.seq !== position.seq)
        if (from.log !== position.log) {
          covered = []
          base = from.seq
        } else for (let seq = position.seq + 1; seq <= from.seq; seq++) covered.push(seq)
        covered.push(...messages.map(({ seq }) => seq))
        position = { ...from, seq: messages.at(-1)?.seq ?? from.seq }
        // Clients keep it as a cursor.
        position = parseCursor(formatCursor(position))!
      }
      for (const step of plan) {
        if (step === 'add') recent.add(message(++head))
        else if (step === 'duplicate') recent.add(message(Math.max(1, head - 1)))
        else if (step === 'lose') head++
        else if (step === 'miss') recent.miss(++head)
        else if (step === 'new log') {
          log = `log ${++logs}`
          head = 0
          recent.restart({ log, seq: 0 })
        } else read()
      }
      recent.add(message(++head))
      read()
      expect(position.log).toBe(log)
      expect(covered).toEqual(Array.from({ length: head - base }, (_, at) => base + at + 1))
    }),
    { numRuns: 300 },
  )
})

const at = (seq: number) => ({ log: 'log', seq })

test('a wait for messages ends at the first, at its time, at an abort and at the end', async () => {
  const clock = virtualClock()
  const recent = new RecentMessages(at(0))
  const stop = new AbortController()
  const waits = [recent.wait(at(0), 1000, clock, stop.signal), recent.wait(at(1), 1000, clock, stop.signal)]
  recent.add(message(1))
  expect(await waits[0]).toBe(true)
  await clock.advance(1000)
  expect(await waits[1]).toBe(false)
  const aborted = recent.wait(at(1), 1000, clock, stop.signal)
  stop.abort()
  expect(await aborted).toBe(false)
  expect(await recent.wait(at(0), 1000, clock, stop.signal)).toBe(true)
  const renewed = recent.wait(at(1), 1000, clock, new AbortController().signal)
  recent.restart({ log: 'another', seq: 0 })
  expect(await renewed).toBe(true)
})
