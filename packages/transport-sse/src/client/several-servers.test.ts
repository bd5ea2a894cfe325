import { FakeRoom } from '@midsentence/testing/sse/fake-room'
import { fakeSseServer } from '@midsentence/testing/sse/fake-sse-server'
import { sseTestClient } from '@midsentence/testing/sse/sse-client'
import { expect, test, vi } from 'vitest'
import { HttpAddresses } from './http-addresses.ts'

test('in turn, and round again; what ends in a slash, what is odd in a room', () => {
  const servers = new HttpAddresses(['http://a//', 'https://b/base/'])
  expect(servers.rpcUrl).toBe('http://a/rpc')
  servers.next()
  expect(servers.eventsUrl('a b/c', 7)).toBe('https://b/base/rooms/a%20b%2Fc/events?after=7')
  servers.next()
  expect(servers.url).toBe('http://a')
})

test('the first that answers is opened', async () => {
  const [strange, full, good] = [await fakeSseServer(), await fakeSseServer(), await fakeSseServer()]
  strange.failAlways('join', { status: 200, type: 'text/html' })
  full.failAlways('join', { status: 503 })
  const gone = await fakeSseServer()
  await gone.stop()
  await sseTestClient([strange.url, full.url, good.url]).open()
  expect(good.room.names).toEqual(['Ada'])
})

test('all fail: said of the last', async () => {
  const [one, two] = [await fakeSseServer(), await fakeSseServer()]
  one.failAlways('join', { status: 503 })
  two.failAlways('join', { status: 404 })
  const error = await sseTestClient([one.url, two.url])
    .open()
    .catch(error => error)
  expect(error).toMatchObject({ code: 'unavailable', message: expect.stringContaining(two.url) })
  expect([one.count('join'), two.count('join')]).toEqual([1, 1])
})

test('a server that is gone: the next one, requests and stream together; another log is said', async () => {
  const [one, two] = [await fakeSseServer(), await fakeSseServer()]
  two.room = new FakeRoom('log of two')
  const line = sseTestClient([one.url, two.url])
  await line.open()
  await one.stop()
  await vi.waitFor(() => expect(line.inbound).toMatchObject([{ type: 'rejoined', welcome: { resumed: false } }]))
  await vi.waitFor(() => expect(line.links.at(-1)).toEqual({ state: 'up' }))
  expect(await line.publish('hello')).toMatchObject({ sent: true, seq: 1 })
  expect(two.room.messages).toHaveLength(1)
})

test('a stream that merely broke stays with its server', async () => {
  const [one, two] = [await fakeSseServer(), await fakeSseServer()]
  const line = sseTestClient([one.url, two.url])
  await line.open()
  one.breakStreams()
  await vi.waitFor(() => expect(line.links.slice(2)).toMatchObject([{ state: 'down' }, { state: 'up' }]))
  expect(two.requests).toEqual([])
})

test('one that is no midsentence server is passed by', async () => {
  const [one, two] = [await fakeSseServer(), await fakeSseServer()]
  const line = sseTestClient([one.url, two.url])
  await line.open()
  two.room = new FakeRoom('log of two')
  for (const what of ['events', 'resume', 'join']) one.failAlways(what, { status: 404, type: 'text/html' })
  one.breakStreams()
  await vi.waitFor(() => expect(line.inbound).toMatchObject([{ type: 'rejoined' }]))
  expect(two.room.names).toEqual(['Ada'])
})
