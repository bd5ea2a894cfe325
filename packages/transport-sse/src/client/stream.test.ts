import { eventOf, fakeSseServer } from '@midsentence/testing/sse/fake-sse-server'
import { sseTestClient } from '@midsentence/testing/sse/sse-client'
import { expect, test, vi } from 'vitest'

const joined = async (options?: Parameters<typeof sseTestClient>[1]) => {
  const server = await fakeSseServer()
  const client = sseTestClient(server.url, options)
  await client.open('Ada')
  return { server, client }
}

const comesUp = (client: ReturnType<typeof sseTestClient>) =>
  vi.waitFor(() => expect(client.links.at(-1)).toEqual({ state: 'up' }))

test('messages, presence and missed ranges arrive in order', async () => {
  const { server, client } = await joined()
  server.write('id: 0\nevent: presence\ndata: {"sender_id":"Bob","present":true}\n\n')
  server.write('id: 2\nevent: missed\ndata: {"from":1,"to":2}\n\n')
  server.room.add('Bob', 'gone', 0)
  server.room.add('Bob', 'gone too', 0)
  const message = server.say('Bob', 'hello')
  await vi.waitFor(() =>
    expect(client.inbound).toEqual([
      { type: 'presence', sender_id: 'Bob', present: true },
      { type: 'missed', from: 1, to: 2 },
      { type: 'message', message },
    ]),
  )
  server.breakStreams()
  await vi.waitFor(() => expect(server.requests.at(-1)).toBe('events 3'))
})

test('garbage is ignored; an unreadable message is reported as missed', async () => {
  const { server, client } = await joined()
  server.write('event: message\ndata: [[[\n\nnonsense\n\nevent: other\ndata: {}\n\nretry: 1\n\ndata\n\n')
  server.write('event: missed\ndata: {"from":"1"}\n\nevent: presence\ndata: null\n\nevent: welcome\ndata: 7\n\n')
  server.room.add('Bob', 'odd', 0)
  server.write('id: 1\nevent: message\ndata: {"seq":1}\n\n')
  server.say('Bob', 'ok')
  await vi.waitFor(() => expect(client.lines).toEqual(['Bob: ok']))
  expect(client.inbound[0]).toEqual({ type: 'missed', from: 1, to: 1 })
  expect(client.links.at(-1)).toEqual({ state: 'up' })
})

test.each(['breakStreams', 'endStreams'] as const)('after %s the client reconnects and misses nothing', async how => {
  const { server, client } = await joined()
  server.say('Bob', 'one')
  await vi.waitFor(() => expect(client.lines).toHaveLength(1))
  server.failAlways('events', { status: 503 })
  server[how]()
  await vi.waitFor(() =>
    expect(client.links.at(-1)).toMatchObject({ state: 'down', reason: expect.stringContaining('503') }),
  )
  server.say('Bob', 'two')
  server.failAlways('events', undefined)
  await comesUp(client)
  server.say('Bob', 'three')
  await vi.waitFor(() => expect(client.lines).toEqual(['Bob: one', 'Bob: two', 'Bob: three']))
  expect(server.streams).toBe(1)
  expect(client.inbound.every(({ type }) => type === 'message')).toBe(true)
})

test('after a gap and a cut, the client requests everything from the gap', async () => {
  const { server, client } = await joined()
  server.say('Bob', 'one')
  server.room.add('Bob', 'two', 0)
  server.say('Bob', 'three')
  await vi.waitFor(() => expect(client.lines).toEqual(['Bob: one', 'Bob: three']))
  server.breakStreams()
  await vi.waitFor(() => expect(client.lines.slice(2)).toEqual(['Bob: two', 'Bob: three']))
  expect(server.requests.at(-1)).toBe('events 1')
})

test('resume reads from the given seq at once, and the link stays up', async () => {
  const { server, client } = await joined({ backoff: { minMs: 60_000, maxMs: 60_000 } })
  for (const text of ['one', 'two', 'three']) server.say('Bob', text)
  await vi.waitFor(() => expect(client.lines).toHaveLength(3))
  client.transport.resume(1)
  await vi.waitFor(() => expect(client.lines.slice(3)).toEqual(['Bob: two', 'Bob: three']))
  expect(client.links).toEqual([{ state: 'down', reason: 'Not connected yet.' }, { state: 'up' }])
  await vi.waitFor(() => expect(server.streams).toBe(1))
})

test('resume while disconnected takes effect on the next connection', async () => {
  const { server, client } = await joined()
  for (const text of ['one', 'two']) server.say('Bob', text)
  await vi.waitFor(() => expect(client.lines).toHaveLength(2))
  server.failAlways('events', { status: 500 })
  server.breakStreams()
  await vi.waitFor(() => expect(client.links.at(-1)).toMatchObject({ state: 'down' }))
  client.transport.resume(0)
  server.failAlways('events', undefined)
  await vi.waitFor(() => expect(client.lines.slice(2)).toEqual(['Bob: one', 'Bob: two']))
})

test('after resume in a message handler, nothing of the old connection follows', async () => {
  const { server, client } = await joined()
  let received = 0
  client.transport.inbound$.subscribe(() => received++ === 0 && client.transport.resume(0))
  const batch = ['one', 'two'].map(text => eventOf(server.room.add('Bob', text, 0)))
  server.write(batch.join(''))
  await vi.waitFor(() => expect(client.lines).toEqual(['Bob: one', 'Bob: one', 'Bob: two']))
})

test('a silent connection is replaced', async () => {
  const { server, client } = await joined({ idleTimeoutMs: 60 })
  const reason = expect.stringContaining('nothing came for 0.06 seconds')
  await vi.waitFor(() => expect(client.links).toContainEqual({ state: 'down', reason }))
  await vi.waitFor(() => expect(server.count('events')).toBeGreaterThan(1))
})
