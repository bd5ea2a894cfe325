import { virtualClock } from '@midsentence/core'
import { FakeRoom } from '@midsentence/testing/sse/fake-room'
import { fakeSseServer } from '@midsentence/testing/sse/fake-sse-server'
import { sseTestClient } from '@midsentence/testing/sse/sse-client'
import { expect, onTestFinished, test, vi } from 'vitest'
import { ReconnectingStream } from '../reconnecting-stream.ts'
import { HttpAddresses } from './http-addresses.ts'

test('addresses rotate, trailing slashes are removed and room names are encoded', () => {
  const servers = new HttpAddresses(['http://a//', 'https://b/base/'])
  expect(servers.rpcUrl).toBe('http://a/rpc')
  servers.next()
  expect(servers.eventsUrl('a b/c', 7)).toBe('https://b/base/rooms/a%20b%2Fc/events?after=7')
  servers.next('http://a')
  expect([servers.url, servers.names]).toEqual(['https://b/base', 'http://a or https://b/base'])
  servers.next()
  expect(servers.url).toBe('http://a')
})

test('open uses the first server that answers', async () => {
  const [strange, full, good] = [await fakeSseServer(), await fakeSseServer(), await fakeSseServer()]
  strange.failAlways('join', { status: 200, type: 'text/html' })
  full.failAlways('join', { status: 503 })
  const gone = await fakeSseServer()
  await gone.stop()
  await sseTestClient([strange.url, full.url, good.url]).open()
  expect(good.room.names).toEqual(['Ada'])
})

test('if all servers fail, the error names the last', async () => {
  const [one, two] = [await fakeSseServer(), await fakeSseServer()]
  one.failAlways('join', { status: 503 })
  two.failAlways('join', { status: 404 })
  const error = await sseTestClient([one.url, two.url])
    .open()
    .catch(error => error)
  expect(error).toMatchObject({ code: 'unavailable', message: expect.stringContaining(two.url) })
  expect([one.count('join'), two.count('join')]).toEqual([1, 1])
})

test('if its server stops, the client moves to the next one and emits rejoined', async () => {
  const [one, two] = [await fakeSseServer(), await fakeSseServer()]
  two.room = new FakeRoom('log of two')
  const client = sseTestClient([one.url, two.url])
  await client.open()
  await one.stop()
  await vi.waitFor(() => expect(client.inbound).toMatchObject([{ type: 'rejoined', welcome: { resumed: false } }]))
  await vi.waitFor(() => expect(client.links.at(-1)).toEqual({ state: 'up' }))
  expect(await client.publish('hello')).toMatchObject({ sent: true, seq: 1 })
  expect(two.room.messages).toHaveLength(1)
})

test('a broken stream reconnects to its own server', async () => {
  const [one, two] = [await fakeSseServer(), await fakeSseServer()]
  const client = sseTestClient([one.url, two.url])
  await client.open()
  one.breakStreams()
  await vi.waitFor(() => expect(client.links.slice(2)).toMatchObject([{ state: 'down' }, { state: 'up' }]))
  expect(two.requests).toEqual([])
})

test('after a server that fell silent the next one is tried, not the same again', async () => {
  const clock = virtualClock()
  const [one, two] = [await fakeSseServer(), await fakeSseServer()]
  two.room = new FakeRoom('log of two')
  const client = sseTestClient([one.url, two.url], { clock, backoff: { minMs: 100, maxMs: 100 } })
  await client.open()
  await clock.advance(30_000)
  expect(client.links.at(-1)).toMatchObject({ state: 'down', reason: expect.stringContaining('nothing came for 30') })
  await clock.advance(100)
  await vi.waitFor(() => expect(client.inbound).toMatchObject([{ type: 'rejoined' }]))
  expect([one.count('events'), two.room.names]).toEqual([1, ['Ada']])
})

test('a server that is replaced by another program is skipped', async () => {
  const [one, two] = [await fakeSseServer(), await fakeSseServer()]
  const client = sseTestClient([one.url, two.url])
  await client.open()
  two.room = new FakeRoom('log of two')
  for (const what of ['events', 'resume', 'join']) one.failAlways(what, { status: 404, type: 'text/html' })
  one.breakStreams()
  await vi.waitFor(() => expect(client.inbound).toMatchObject([{ type: 'rejoined' }]))
  expect(two.room.names).toEqual(['Ada'])
})

test('the wait between attempts doubles once all addresses have failed', async () => {
  const clock = virtualClock()
  const times: number[] = []
  const stream = new ReconnectingStream({
    url: () => 'http://gone/',
    fetch: async () => {
      times.push(clock.monotonic())
      throw new TypeError('refused')
    },
    ...{ clock, random: () => 1, backoff: { minMs: 100, maxMs: 10_000 }, idleTimeoutMs: 10_000, addresses: 3 },
    onEvent() {},
    onUp() {},
    onDown() {},
  })
  onTestFinished(() => stream.close())
  stream.start()
  for (let turn = 0; turn < 40; turn++) {
    await new Promise(resolve => setImmediate(resolve))
    await clock.advance(50)
  }
  const waits = times.slice(1).map((at, nth) => at - times[nth]!)
  expect(waits.slice(0, 8)).toEqual([100, 100, 100, 200, 200, 200, 400, 400])
})
