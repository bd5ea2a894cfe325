import { virtualClock } from '@midsentence/core'
import { startCuttableProxy } from '@midsentence/testing/legacy/proxy'
import { hubServer } from '@midsentence/testing/servers/hub-server'
import { FakeRoom } from '@midsentence/testing/sse/fake-room'
import { fakeSocketServer } from '@midsentence/testing/ws/fake-socket-server'
import { wsTestClient } from '@midsentence/testing/ws/ws-client'
import { expect, onTestFinished, test, vi } from 'vitest'

const joined = async (options?: Parameters<typeof wsTestClient>[1]) => {
  const server = await fakeSocketServer()
  const client = wsTestClient(server.url, options)
  const joinResult = await client.open('Ada')
  return { server, client, joinResult }
}
type TestClient = ReturnType<typeof wsTestClient>
const contents = ({ messages }: TestClient) => messages.map(({ content }) => content)
const comesUp = ({ links }: TestClient) => vi.waitFor(() => expect(links.at(-1)).toEqual({ state: 'up' }))
const goesDown = ({ links }: TestClient, reason: string) =>
  vi.waitFor(() => expect(links).toContainEqual({ state: 'down', reason: expect.stringContaining(reason) }))

test('messages, presence and missed ranges arrive in order', async () => {
  const { server, client } = await joined()
  server.notify('presence', { sender_id: 'Bob', present: true })
  server.notify('missed', { from: 1, to: 2 })
  server.room.add('Bob', 'gone', 0)
  server.room.add('Bob', 'gone too', 0)
  server.say('Bob', 'hello')
  await vi.waitFor(() => expect(client.inbound).toHaveLength(3))
  expect(client.inbound).toEqual([
    { type: 'presence', sender_id: 'Bob', present: true },
    { type: 'missed', from: 1, to: 2 },
    { type: 'message', message: server.room.messages[2] },
  ])
  for (const socket of server.sockets) socket.terminate()
  await vi.waitFor(() => expect(server.calls.at(-1)).toMatch(/^resume .*"after":3}/))
})

test('garbage is ignored; an unreadable message is reported as missed', async () => {
  const { server, client } = await joined()
  for (const text of ['', '}{', '7', '[]', 'null', '{"method":7}', '{"id":1,"result":2}', '{"id":99,"error":1}']) {
    server.write(text)
  }
  server.write(Buffer.from('binary'))
  server.notify('alive', {})
  server.notify('missed', { from: '1' })
  server.room.add('Bob', 'odd', 0)
  server.notify('message', { seq: 1 })
  server.say('Bob', 'ok')
  await vi.waitFor(() => expect(contents(client)).toEqual(['ok']))
  expect(client.inbound[0]).toEqual({ type: 'missed', from: 1, to: 1 })
  expect(client.links.at(-1)).toEqual({ state: 'up' })
})

test.each([
  [1001, 'The server is closing.', 'it was closed (1001: The server is closing). Reconnecting.'],
  [1011, '', 'it was closed (1011). Reconnecting.'],
  [4001, 'The session is over.', 'does not know you any more: joining again.'],
])('after a close with %i %s the client reconnects and misses nothing', async (code, reason, linkReason) => {
  const { server, client } = await joined()
  server.say('Bob', 'one')
  await vi.waitFor(() => expect(client.messages).toHaveLength(1))
  server.close(code, reason)
  server.room.add('Bob', 'two', 0)
  await goesDown(client, linkReason)
  await comesUp(client)
  server.say('Bob', 'three')
  await vi.waitFor(() => expect(contents(client)).toEqual(['one', 'two', 'three']))
  expect(server.sockets.size).toBe(1)
})

test('resume reads from the given seq over the same socket, and the link stays up', async () => {
  const { server, client } = await joined()
  for (const text of ['one', 'two', 'three']) server.say('Bob', text)
  await vi.waitFor(() => expect(client.messages).toHaveLength(3))
  client.transport.resume(1)
  await vi.waitFor(() => expect(contents(client).slice(3)).toEqual(['two', 'three']))
  expect(client.links).toEqual([{ state: 'down', reason: 'Not connected yet.' }, { state: 'up' }])
  expect(server.sockets.size).toBe(1)
})

test('after a restart with another log, the client joins again and emits rejoined before any message', async () => {
  const { server, client } = await joined()
  server.say('Bob', 'of the old log')
  await vi.waitFor(() => expect(client.messages).toHaveLength(1))
  server.room = new FakeRoom('log 2')
  for (const socket of server.sockets) socket.terminate()
  await vi.waitFor(() => expect(client.inbound.at(-1)).toMatchObject({ type: 'rejoined', welcome: { resumed: false } }))
  server.say('Bob', 'of the new log')
  await vi.waitFor(() => expect(contents(client)).toEqual(['of the old log', 'of the new log']))
  expect(client.messages[1]!.seq).toBe(1)
})

test('a cursor above a truncated log: the client continues at the server head and emits rejoined', async () => {
  const { server, client } = await joined()
  for (const text of ['one', 'two']) server.say('Bob', text)
  await vi.waitFor(() => expect(client.messages).toHaveLength(2))
  server.room.messages.pop()
  server.failNext('resume', { error: { code: -32602, message: 'Nothing was shown beyond 1.' } })
  for (const socket of server.sockets) socket.terminate()
  await vi.waitFor(() => expect(client.inbound.at(-1)).toMatchObject({ type: 'rejoined', welcome: { cursor: 1 } }))
  await comesUp(client)
})

test('a name taken in between ends the link', async () => {
  const { server, client } = await joined()
  server.room.sessions.clear()
  server.room.handle('join', { username: 'Ada' }, '')
  for (const socket of server.sockets) socket.terminate()
  await vi.waitFor(() => expect(client.links.at(-1)).toMatchObject({ state: 'lost' }))
  await expect(client.publish('x')).rejects.toMatchObject({ code: 'session-unknown' })
  await vi.waitFor(() => expect(server.sockets.size).toBe(0))
})

test('a publish whose answer is lost is unknown; a retry by its key sends once', async () => {
  const { server, client } = await joined()
  server.failNext('publish', 'lose-answer')
  const lost = client.publish('once', { key: 'k' })
  await expect(lost).rejects.toMatchObject({ code: 'unavailable', data: { unknown: true } })
  await comesUp(client)
  expect(await client.publish('once', { key: 'k', isRetry: true })).toMatchObject({ sent: true, seq: 1 })
  expect(server.room.messages).toHaveLength(1)
})

test('a publish while disconnected sends nothing', async () => {
  const { server, client } = await joined({ backoff: { minMs: 60_000, maxMs: 60_000 } })
  server.close(1001)
  await goesDown(client, '1001')
  await expect(client.publish('x')).rejects.toMatchObject({ code: 'unavailable', data: {} })
  await expect(client.publish('x', { isRetry: true })).rejects.toMatchObject({ data: { unknown: true } })
})

test('a publish in a session the server lost is not sent, and the client joins again', async () => {
  const { server, client } = await joined()
  server.failNext('publish', { error: { code: 40010, message: 'This session is not known.' } })
  await expect(client.publish('x')).rejects.toMatchObject({ code: 'unavailable', data: {} })
  await comesUp(client)
})

test('a half-open connection is detected by its silence', async () => {
  const server = await hubServer()
  onTestFinished(() => server.close())
  const proxy = await startCuttableProxy(server.url)
  onTestFinished(() => proxy.close())
  const clock = virtualClock()
  const client = wsTestClient(proxy.url, { clock })
  await client.open('Ada')
  proxy.cut('silently')
  const lost = client.publish('into the void', { key: 'k' })
  lost.catch(() => {})
  await clock.advance(29_000)
  expect(client.links.at(-1)).toEqual({ state: 'up' })
  await clock.advance(1000)
  await goesDown(client, 'nothing came for 30 seconds')
  await expect(lost).rejects.toMatchObject({ data: { unknown: true } })
  proxy.restore()
  await vi.waitFor(async () => {
    await clock.advance(1000)
    expect(client.links.at(-1)).toEqual({ state: 'up' })
  })
  expect(await client.publish('into the void', { key: 'k', isRetry: true })).toMatchObject({ sent: true, seq: 1 })
})

test('[N4] a publish that an open socket does not answer is repeated under its key, and sent once', async () => {
  const clock = virtualClock()
  const { server, client } = await joined({ clock, idleTimeoutMs: 1e9 })
  server.failNext('publish', 'hang')
  const publish = client.publish('hello', { key: 'k' })
  await vi.waitFor(() => expect(server.count('publish')).toBe(1))
  await clock.advance(15_000)
  await vi.waitFor(() => expect(server.count('publish')).toBe(2))
  expect(await publish).toMatchObject({ sent: true, seq: 1 })
  expect([server.count('who'), server.room.messages.length]).toEqual([1, 1])
})

test('a socket on which even who gets no answer is replaced', async () => {
  const clock = virtualClock()
  const { server, client } = await joined({ clock, idleTimeoutMs: 1e9 })
  server.failNext('publish', 'hang')
  server.failNext('who', 'hang')
  const publish = client.publish('hello', { key: 'k' })
  publish.catch(() => {})
  await vi.waitFor(() => expect(server.count('publish')).toBe(1))
  await clock.advance(15_000)
  await vi.waitFor(() => expect(server.count('who')).toBe(1))
  await clock.advance(15_000)
  await goesDown(client, 'no answer came within 15 seconds')
  await expect(publish).rejects.toMatchObject({ data: { unknown: true } })
  await clock.advance(1000)
  await comesUp(client)
  expect(await client.publish('hello', { key: 'k', isRetry: true })).toMatchObject({ sent: true, seq: 1 })
})
