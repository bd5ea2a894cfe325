import { virtualClock } from '@midsentence/core'
import { freePort } from '@midsentence/testing/legacy/python-server'
import { hubServer } from '@midsentence/testing/servers/hub-server'
import { fakeSocketServer } from '@midsentence/testing/ws/fake-socket-server'
import { wsTestClient } from '@midsentence/testing/ws/ws-client'
import { expect, onTestFinished, test, vi } from 'vitest'
import { probeSocket, wsTransport } from './index.ts'

test('close frees the name and completes the streams, and nothing follows', async () => {
  const server = await fakeSocketServer()
  const client = wsTestClient(server.url)
  await client.open()
  let completed = 0
  client.transport.inbound$.subscribe({ complete: () => completed++ })
  client.transport.link$.subscribe({ complete: () => completed++ })
  const closing = client.transport.close()
  expect(client.transport.close()).toBe(closing)
  await closing
  expect([completed, server.room.names]).toEqual([2, []])
  await vi.waitFor(() => expect(server.sockets.size).toBe(0))
  client.transport.resume(0)
  client.transport.yield()
  await expect(client.open()).rejects.toMatchObject({ code: 'session-unknown' })
  expect(server.calls.at(-1)).toBe('leave {}')
})

test('close while disconnected reconnects to leave', async () => {
  const server = await fakeSocketServer()
  const client = wsTestClient(server.url, { backoff: { minMs: 60_000, maxMs: 60_000 } })
  await client.open()
  server.close(1001)
  await vi.waitFor(() => expect(client.links.at(-1)).toMatchObject({ state: 'down' }))
  await client.transport.close()
  expect(server.room.names).toEqual([])
  await vi.waitFor(() => expect(server.sockets.size).toBe(0))
})

test('close during a join leaves again', async () => {
  const server = await fakeSocketServer()
  const client = wsTestClient(server.url)
  const opening = client.open().catch(error => error)
  await client.transport.close()
  expect(await opening).toMatchObject({ code: 'session-unknown' })
  expect(server.room.names).toEqual([])
})

test('a join whose answer was lost is repeated with the same secret', async () => {
  const server = await fakeSocketServer()
  server.failNext('join', 'lose-answer')
  const client = wsTestClient(server.url)
  await client.open('Ada', { secret: 'a secret of sixteen bytes' })
  expect(server.room.names).toEqual(['Ada'])
  await client.publish('hello')
})

test('a join by secret reads from the own cursor, not the server cursor', async () => {
  const server = await fakeSocketServer()
  const secret = 'a secret of sixteen bytes'
  const first = wsTestClient(server.url)
  const { session } = await first.open('Ada', { secret })
  server.say('Bob', 'one')
  server.say('Bob', 'two')
  await vi.waitFor(() => expect(first.messages).toHaveLength(2))
  const again = wsTestClient(server.url)
  const result = await again.open('Ada', {
    secret,
    resume: { session: { ...session, token: 'old', secret }, after: 1 },
  })
  expect(result).toMatchObject({ resumed: true, cursor: 1 })
  await vi.waitFor(() => expect(again.messages.map(({ seq }) => seq)).toEqual([2]))
})

test('open without a midsentence server rejects with what to start', async () => {
  const url = `ws://127.0.0.1:${await freePort()}`
  await expect(wsTestClient(url).open()).rejects.toThrow(
    /^No midsentence server answers at ws:.*: nobody answers there\. Start one there \(npx midsentence serve/,
  )
  const server = await fakeSocketServer()
  server.rejectStatus = 404
  await expect(wsTestClient(server.url).open()).rejects.toThrow(/is not a midsentence server: it answered 404/)
  server.rejectStatus = 503
  await expect(wsTestClient(server.url).open()).rejects.toThrow(/cannot accept you now \(it answered 503\)/)
})

test('a taken name rejects with name-taken and leaves no socket open', async () => {
  const server = await fakeSocketServer()
  server.room.handle('join', { username: 'Ada' }, '')
  await expect(wsTestClient(server.url).open()).rejects.toMatchObject({ code: 'name-taken' })
  await vi.waitFor(() => expect(server.sockets.size).toBe(0))
})

test('open rejects within five seconds if the server never answers', async () => {
  const server = await fakeSocketServer()
  const clock = virtualClock()
  server.failNext('join', 'hang', 'hang', 'hang', 'hang')
  const opening = wsTestClient(server.url, { clock }).open()
  const rejected = expect(opening).rejects.toMatchObject({ code: 'unavailable' })
  await vi.waitFor(() => expect(server.calls.join()).toContain('join'), { timeout: 10_000 })
  await clock.advance(5000)
  await rejected
  await vi.waitFor(() => expect(server.sockets.size).toBe(0))
})

test('open tries the next of several servers', async () => {
  const server = await fakeSocketServer()
  const urls = [`ws://127.0.0.1:${await freePort()}`, server.url]
  const transport = wsTransport({ urls })
  onTestFinished(() => transport.close())
  expect(await transport.open({ room: 'lobby', username: 'Ada' })).toMatchObject({ resumed: false })
})

test.each(['ws://h', 'ws://h/', 'ws://h/ws', 'ws://h/ws/', 'wss://h:1/below/ws'])('%s is an address', url => {
  expect(() => wsTransport({ url })).not.toThrow()
})

test.each(['http://h', 'h:1', '', 'ftp://h'])('%j is no address', url => {
  expect(() => wsTransport({ url })).toThrow(TypeError)
})

test('a transport without an address is a TypeError', () => expect(() => wsTransport({})).toThrow(/needs the url/))

test('probeSocket tells whether a socket opens and why not, and rejects without a server', async () => {
  const server = await hubServer()
  onTestFinished(() => server.close())
  expect(await probeSocket(server.url.replace('http', 'ws'))).toEqual({ opens: true })
  const refusing = await fakeSocketServer()
  refusing.rejectStatus = 400
  expect(await probeSocket(refusing.url)).toEqual({ opens: false, reason: 'the server answered 400' })
  await expect(probeSocket(`ws://127.0.0.1:${await freePort()}`)).rejects.toThrow(/nobody answers there/)
})
