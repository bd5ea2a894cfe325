import { newHub } from '@midsentence/testing/harness/hub-harness'
import { override } from '@midsentence/testing/override'
import { expect, test, vi } from 'vitest'
import { memoryLog } from '../../memory/memory-log.ts'
import { virtualClock } from '../../memory/virtual-clock.ts'
import type { MessagePage } from '../room/message-window.ts'
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

test.each(['before its turn', 'while its messages are read'])(
  '[C4] a check whose caller goes %s gives nothing, and the next one gives all',
  async when => {
    const { ada, reads, clock } = await withSlowLog()
    const caller = new AbortController()
    if (when === 'before its turn') caller.abort()
    const check = ada.check({}, { signal: caller.signal })
    await clock.settle()
    caller.abort()
    for (const read of reads) read.resume()
    expect(await check).toEqual({ status: 0, messages: [], cursor: 0 })
    const next = ada.check()
    await clock.settle()
    reads.at(-1)!.resume()
    expect(contentsOf(await next)).toEqual(['one', 'two', 'three'])
  },
)

const nothing: MessagePage = { messages: [], through: 0, more: false }
const message = { message_id: 'm', seq: 1, sender_id: 'Ben', content: 'one', timestamp: '2026-01-01T00:00:00.000Z' }
const news: MessagePage = { messages: [message], through: 1, more: false }

/** A page that is read until `resume` or `fail`. */
function slowPage(page: MessagePage) {
  let settle!: { resolve(found: MessagePage): void; reject(error: Error): void }
  const reading = new Promise<MessagePage>((resolve, reject) => {
    settle = { resolve, reject }
  })
  reading.catch(() => {})
  return { reading, resume: () => settle.resolve(page), fail: () => settle.reject(new Error('lost')) }
}

/** Checks of a session that is given `pages`, one after the other and the last again, and writes what it gave as `persisted`. */
function withPages(pages: (MessagePage | Promise<MessagePage>)[], persisted?: Promise<void>) {
  const given: MessagePage[] = []
  const queue = new SerialQueue()
  const callLog = {
    queue,
    state: { cursor: 0, draft: { head: {} } },
    written: undefined,
    assertOpen: () => {},
    checkCursor: () => {},
    snapshotCursor: () => ({ cursor: 0, shown: 0 }),
    from: () => 0,
    page: () => (pages.length > 1 ? pages.shift()! : pages[0]!),
    deliver: (page: MessagePage) => {
      if (page.messages.length > 0) given.push(page)
      const { messages, through, missed } = page
      return { base: { messages, cursor: through, ...(missed && { missed }) }, persisted }
    },
  }
  const room = { ownFloor: () => undefined }
  const clock = virtualClock()
  const checks = new Checks('ada', room as unknown as Room, callLog as unknown as CallLog, clock)
  return { checks, clock, queue, given }
}

/** A check that waits, while messages that came for it are read from the log. */
async function whileReading() {
  const { reading, resume, fail } = slowPage(news)
  const { checks, clock } = withPages([nothing, reading])
  const caller = new AbortController()
  const check = checks.check({ timeout_ms: 1000 }, { signal: caller.signal })
  await clock.settle()
  return { checks, check, clock, caller, fail, resume }
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

test('[C4] a check ends in time though a push that waits keeps it from reading, and gives nothing later', async () => {
  const { reading, resume } = slowPage(news)
  const { checks, clock, queue, given } = withPages([nothing, nothing, reading])
  const check = checks.check({ timeout_ms: 1000 }, {})
  await clock.settle()
  let endPush = () => {}
  const push = queue.run(
    () =>
      new Promise<void>(resolve => {
        endPush = resolve
      }),
  )
  resume()
  checks.notify()
  await clock.advance(1000)
  expect(await check).toMatchObject({ status: 0, messages: [] })
  endPush()
  await push
  await clock.settle()
  expect(given).toEqual([])
})

test('[C1] a check gives what its second read finds, though its hub closed after the first found nothing', async () => {
  const [first, second] = [slowPage(nothing), slowPage(news)]
  const { checks, clock } = withPages([nothing, nothing, first.reading, first.reading, second.reading, second.reading])
  const check = checks.check({}, {})
  await clock.settle()
  checks.notify()
  checks.notify()
  first.resume()
  await clock.settle()
  checks.stopWaiting()
  second.resume()
  expect(await check).toMatchObject({ status: 1, messages: [{ content: 'one' }] })
})

test('[L7] a check that tells of missed messages tells it, though another check comes while that is written', async () => {
  let written = () => {}
  const persisted = new Promise<void>(resolve => {
    written = resolve
  })
  const missed = { from: 1, to: 3 }
  const { checks, clock } = withPages([{ ...nothing, through: 3, missed }, nothing], persisted)
  const check = checks.check({}, {})
  await clock.settle()
  const later = checks.check({ timeout_ms: 0 }, {})
  written()
  expect(await check).toEqual({ status: 0, messages: [], cursor: 3, missed })
  expect(await later).toMatchObject({ status: 0 })
})

test('a check that another one ends while its cursor is written does not begin to wait', async () => {
  let written = () => {}
  const persisted = new Promise<void>(resolve => {
    written = resolve
  })
  const { checks, clock } = withPages([{ ...nothing, through: 3 }], persisted)
  const { signal } = new AbortController()
  const listens = vi.spyOn(signal, 'addEventListener')
  const check = checks.check({}, { signal })
  await clock.settle()
  const later = checks.check({ timeout_ms: 0 }, {})
  written()
  expect([await check, await later]).toMatchObject([{ status: 0 }, { status: 0 }])
  await clock.settle()
  expect(listens).not.toHaveBeenCalled()
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
