import { newHub } from '@midsentence/testing/harness/hub-harness'
import { override } from '@midsentence/testing/override'
import { expect, test, vi } from 'vitest'
import { memoryLog } from '../../memory/memory-log.ts'
import { virtualClock } from '../../memory/virtual-clock.ts'
import type { Room } from '../room/room.ts'
import type { CallLog } from './call-log.ts'
import { Checks } from './checks.ts'
import { SerialQueue } from './serial-queue.ts'
import { WaitingCheck } from './waiting-check.ts'

/** A room whose messages are read from a log that waits for `read`, or fails. Ada has three messages unread. */
async function withSlowLog() {
  const log = memoryLog()
  const reads: { resume(): void }[] = []
  const slow = override(log, {
    messages: (...asked: Parameters<typeof log.messages>) =>
      new Promise(resolve => {
        reads.push({ resume: () => resolve(log.messages(...asked)) })
      }),
  })
  const clock = virtualClock()
  const opened = await newHub({ log: slow, tail: 1, clock })
  const [ada, ben] = [await opened.join('Ada'), await opened.join('Ben')]
  for (const text of ['one', 'two', 'three']) await opened.say(ben, text)
  return { ...opened, clock, reads, ada, ben }
}

const contentsOf = ({ messages }: { readonly messages: readonly { readonly content: string }[] }) =>
  messages.map(({ content }) => content)

test('[L6, C1] a check that still reads when its hub closes gives what was unseen, and not status 0', async () => {
  const { hub, ada, reads, clock } = await withSlowLog()
  const check = ada.check()
  await clock.settle()
  expect(reads).toHaveLength(1)
  const closing = hub.close()
  await clock.settle()
  reads[0]!.resume()
  expect(contentsOf(await check)).toEqual(['one', 'two', 'three'])
  await closing
})

test('[C1] a check that comes while its hub closes does not wait', async () => {
  const { hub, ada, reads, clock } = await withSlowLog()
  const first = ada.check()
  await clock.settle()
  reads[0]!.resume()
  await first
  const closing = hub.close()
  expect(await ada.check()).toMatchObject({ status: 0, cursor: 3 })
  await closing
})

/** A check that waits, while messages that came for it are read from the log. */
async function whileReading() {
  const message = { message_id: 'm', seq: 1, sender_id: 'Ben', content: 'one', timestamp: '2026-01-01T00:00:00.000Z' }
  const page = { messages: [message], through: 1, more: false }
  let read!: { resolve(found: typeof page): void; reject(error: Error): void }
  const reading = new Promise((resolve, reject) => {
    read = { resolve, reject }
  })
  reading.catch(() => {})
  const pages = [{ messages: [], through: 0, more: false }]
  const callLog = {
    queue: new SerialQueue(),
    state: { cursor: 0, draft: { head: {} } },
    written: undefined,
    assertOpen: () => {},
    checkCursor: () => {},
    snapshotCursor: () => ({ cursor: 0, shown: 0 }),
    from: () => 0,
    page: () => pages.shift() ?? reading,
    deliver: ({ messages, through }: typeof page) => ({ base: { messages, cursor: through } }),
  }
  const room = { ownFloor: () => undefined }
  const clock = virtualClock()
  const checks = new Checks('ada', room as unknown as Room, callLog as unknown as CallLog, clock)
  const caller = new AbortController()
  const check = checks.check({ timeout_ms: 1000 }, { signal: caller.signal })
  await clock.settle()
  return { checks, check, clock, caller, fail: () => read.reject(new Error('lost')), resume: () => read.resolve(page) }
}

test('[L6] a check whose time ends, or whose hub closes, while its messages are read gives them', async () => {
  for (const end of ['time', 'close'] as const) {
    const { checks, check, clock, resume } = await whileReading()
    if (end === 'time') await clock.advance(2000)
    else checks.stopWaiting()
    resume()
    expect(await check).toMatchObject({ status: 1, messages: [{ content: 'one' }] })
  }
})

test('[C3] a check whose caller goes while its messages are read gives none', async () => {
  const { check, caller, resume } = await whileReading()
  caller.abort()
  resume()
  expect(await check).toMatchObject({ status: 0, messages: [], cursor: 0 })
})

test('[L6] a check whose messages cannot be read fails', async () => {
  const { check, fail } = await whileReading()
  fail()
  await expect(check).rejects.toThrow('lost')
})

test('a check that has ended ignores a second end whose facts cannot be written', async () => {
  const check = new WaitingCheck<number>()
  check.end(1)
  const unwritten = Promise.reject(new Error('lost'))
  unwritten.catch(() => {})
  const derived = vi.spyOn(unwritten, 'then')
  check.end(2, unwritten)
  check.fail(new Error('late'))
  expect(await check.answer).toBe(1)
  // A promise made from it that is not awaited would end the process.
  expect(derived).not.toHaveBeenCalled()
})
