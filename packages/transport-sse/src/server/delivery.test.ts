import type { Socket } from 'node:net'
import { virtualClock } from '@midsentence/core'
import { bodyIn, eventsIn } from '@midsentence/testing/sse/event-parser'
import { type RawClient, type SseServing, serveSse } from '@midsentence/testing/sse/serve-sse'
import { StreamingHub } from '@midsentence/testing/sse/streaming-hub'
import { expect, test, vi } from 'vitest'

const messageIds = (client: RawClient) =>
  eventsIn(bodyIn(client.received))
    .filter(({ event }) => event === 'message')
    .map(({ id }) => Number(id))
const begun = ({ received }: RawClient) => received.includes('event: welcome')
const upTo = (count: number) => Array.from({ length: count }, (_, index) => index + 1)
const heartbeats = (client: RawClient) => bodyIn(client.received).match(/^:$/gm)?.length ?? 0

test('messages of one commit are one write per connection, with shared bytes', async () => {
  const fake = new StreamingHub()
  const writes = vi.fn()
  const { stream } = await serveSse(fake.hub, {}, ({ socket }) => {
    const write = socket.write.bind(socket)
    socket.write = ((...args: [Buffer]) => {
      writes(...args)
      return write(...args)
    }) as Socket['write']
  })
  const clients = await Promise.all([stream().until(begun), stream().until(begun), stream().until(begun)])
  writes.mockClear()
  fake.say(...upTo(8).map(String))
  for (const client of clients) await client.until(() => messageIds(client).length === 8)
  expect(writes).toHaveBeenCalledTimes(3)
  expect(new Set(writes.mock.calls.map(([chunk]) => chunk)).size).toBe(1)
})

test('an HTTP/1.0 reader gets the same bytes without chunks', async () => {
  const fake = new StreamingHub()
  const { dial } = await serveSse(fake.hub)
  const client = dial().send('GET /rooms/lobby/events?token=ada HTTP/1.0\r\n\r\n')
  await client.until(begun)
  fake.say('one', 'two')
  await client.event('"two"')
  fake.end()
  await client.until(({ closed }) => closed)
  const body = client.received.slice(client.received.indexOf('\r\n\r\n') + 4)
  expect(eventsIn(body).map(({ id }) => id)).toEqual(['0', '1', '2'])
})

test('one timer writes heartbeats every 15 seconds and stops with the last stream', async () => {
  const clock = virtualClock()
  const { stream } = await serveSse(new StreamingHub().hub, { clock })
  expect(clock.pending).toBe(0)
  const clients = await Promise.all(upTo(40).map(() => stream().until(begun)))
  expect(clock.pending).toBe(1)
  for (const beats of [1, 2, 3]) {
    await clock.advance(15_000)
    await Promise.all(clients.map(client => client.until(() => heartbeats(client) === beats)))
  }
  await clock.advance(14_999)
  expect(clients.map(heartbeats).every(beats => beats <= 4)).toBe(true)
  for (const client of clients) client.socket.destroy()
  await vi.waitFor(() => expect(clock.pending).toBe(0))
})

test('two hundred connections all receive everything in order and are released on close', async () => {
  const fake = new StreamingHub()
  const { stream } = await serveSse(fake.hub)
  const clients = await Promise.all(upTo(200).map(() => stream().until(begun)))
  for (const round of upTo(10)) fake.say(`${round} a`, `${round} b`)
  for (const client of clients) {
    await client.event('"10 b"')
    expect(messageIds(client)).toEqual(upTo(20))
    client.socket.destroy()
  }
  await vi.waitFor(() => expect(fake.readers.size).toBe(0))
})

const text = 'x'.repeat(100_000)
/** More than the buffers of both kernels hold, so that a reader that reads nothing stalls. */
const flood = upTo(200).map(() => text)
const idle = async (fake: StreamingHub, serving: SseServing) => {
  const client = await serving.stream().until(begun)
  client.socket.pause()
  fake.say(...flood)
  expect([...fake.readers].at(-1)!.isReading).toBe(false)
  return client
}

test('[V5] a slow reader pauses until it drains, then continues from the log without a gap', async () => {
  const fake = new StreamingHub()
  const slow = await idle(fake, await serveSse(fake.hub))
  fake.say(...upTo(500).map(String))
  fake.changePresence('Eve')
  fake.changePresence('Eve', false)
  fake.changePresence('Cy')
  expect([...fake.readers][0]!.cursor).toBe(200)
  slow.socket.resume()
  await slow.event('"seq":700,')
  expect(messageIds(slow)).toEqual(upTo(700))
  // Who came and went meanwhile is not mentioned.
  const presence = eventsIn(bodyIn(slow.received)).filter(({ event }) => event === 'presence')
  expect(presence).toEqual([{ event: 'presence', id: '200', data: '{"sender_id":"Cy","present":true}' }])
})

test('[V5] a reader that takes nothing for 30 seconds with more than 1 MiB waiting is dropped and may resume', async () => {
  const fake = new StreamingHub()
  const clock = virtualClock()
  const served = await serveSse(fake.hub, { clock })
  const client = await idle(fake, served)
  await clock.advance(29_000)
  expect(fake.readers.size).toBe(1)
  await vi.waitFor(async () => {
    await clock.advance(15_000)
    expect(fake.readers.size).toBe(0)
  })
  client.socket.resume()
  await client.until(({ closed }) => closed)
  const whole = messageIds(client).length
  expect(whole).toBeLessThan(200)
  const again = served.stream('', `last-event-id: ${whole}\r\n`)
  await again.event('"seq":200,')
  expect([...messageIds(client), ...messageIds(again)]).toEqual(upTo(200))
})

test('a reader that makes slow progress is not dropped', async () => {
  const fake = new StreamingHub()
  const clock = virtualClock()
  const client = await idle(fake, await serveSse(fake.hub, { clock }))
  const { socket } = client
  for (let enough = 2 ** 22; enough < 200 * text.length; enough += 2 ** 22) {
    const pause = () => socket.bytesRead >= enough && socket.pause()
    socket.on('data', pause).resume()
    await client.until(() => socket.bytesRead >= enough)
    socket.off('data', pause)
    await clock.advance(10_000)
  }
  client.socket.resume()
  await client.event('"seq":200,')
  expect(messageIds(client)).toEqual(upTo(200))
  expect(clock.monotonic()).toBeGreaterThan(30_000)
})

test('a stalled reader with little waiting is not dropped', async () => {
  const fake = new StreamingHub()
  const clock = virtualClock()
  const { stream } = await serveSse(fake.hub, { clock }, (_, res) => {
    // A write that is never taken, as if the buffers were full.
    res.write = () => false
  })
  stream()
  await vi.waitFor(() => expect(fake.readers.size).toBe(1))
  await clock.advance(120_000)
  for (const name of upTo(2000)) fake.changePresence(`${name}`)
  expect(fake.readers.size).toBe(1)
})

test('close waits at most a second for a stalled reader', async () => {
  const fake = new StreamingHub()
  const clock = virtualClock()
  const served = await serveSse(fake.hub, { clock })
  await idle(fake, served)
  const closed = served.handlers.close()
  await clock.advance(1000)
  await closed
  expect(fake.readers.size).toBe(0)
})

test('a reader that disconnects during a write affects no other', async () => {
  const fake = new StreamingHub()
  const { stream } = await serveSse(fake.hub)
  const [leaver, stayer] = await Promise.all([stream().until(begun), stream().until(begun)])
  leaver.socket.resetAndDestroy()
  for (const round of upTo(20)) {
    fake.say(`${round}${text}`)
    await new Promise(setImmediate)
  }
  await stayer.event('"seq":20,')
  await vi.waitFor(() => expect(fake.readers.size).toBe(1))
})
