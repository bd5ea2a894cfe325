import { type Message, virtualClock } from '@midsentence/core'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { RecentMessages } from './recent-messages.ts'

const message = (seq: number): Message => ({
  seq,
  message_id: `m${seq}`,
  sender_id: 'Ada',
  content: '',
  timestamp: '2026-01-01T00:00:00.000Z',
  base: 0,
})

type Step = 'add' | 'duplicate' | 'lose' | 'miss' | 'read'

test('a reader of events gets every message once and in order, and a notice wherever one is lost', () => {
  const steps = fc.array(fc.constantFrom<Step>('add', 'add', 'duplicate', 'lose', 'miss', 'read'), { maxLength: 60 })
  fc.assert(
    fc.property(steps, fc.nat(5), (plan, start) => {
      const recent = new RecentMessages(start)
      let head = start
      let position = start
      const covered: number[] = []
      const read = () => {
        const { messages, truncated } = recent.after(position)
        const from = truncated ? recent.start : position
        // What a notice covers.
        for (let seq = position + 1; seq <= from; seq++) covered.push(seq)
        covered.push(...messages.map(({ seq }) => seq))
        position = messages.at(-1)?.seq ?? from
      }
      for (const step of plan) {
        if (step === 'add') recent.add(message(++head))
        else if (step === 'duplicate') recent.add(message(Math.max(1, head - 1)))
        else if (step === 'lose') head++
        else if (step === 'miss') recent.miss(++head)
        else read()
      }
      recent.add(message(++head))
      read()
      expect(covered).toEqual(Array.from({ length: head - start }, (_, at) => start + at + 1))
    }),
    { numRuns: 300 },
  )
})

test('a wait for messages ends at the first, at its time, at an abort and at the end', async () => {
  const clock = virtualClock()
  const recent = new RecentMessages(0)
  const stop = new AbortController()
  const waits = [recent.wait(0, 1000, clock, stop.signal), recent.wait(1, 1000, clock, stop.signal)]
  recent.add(message(1))
  expect(await waits[0]).toBe(true)
  await clock.advance(1000)
  expect(await waits[1]).toBe(false)
  const aborted = recent.wait(1, 1000, clock, stop.signal)
  stop.abort()
  expect(await aborted).toBe(false)
  expect(await recent.wait(0, 1000, clock, stop.signal)).toBe(true)
})
