import { eventOf, fakeSseServer } from '@midsentence/testing/sse/fake-sse-server'
import { sseTestClient } from '@midsentence/testing/sse/sse-client'
import { expect, test, vi } from 'vitest'

const joined = async (options?: Parameters<typeof sseTestClient>[1]) => {
  const server = await fakeSseServer()
  const line = sseTestClient(server.url, options)
  await line.open('Ada')
  return { server, line }
}

const comesUp = (line: ReturnType<typeof sseTestClient>) =>
  vi.waitFor(() => expect(line.links.at(-1)).toEqual({ state: 'up' }))

test('messages, presence and missed ranges arrive in order', async () => {
  const { server, line } = await joined()
  server.write('id: 0\nevent: presence\ndata: {"sender_id":"Bob","present":true}\n\n')
  server.write('id: 2\nevent: missed\ndata: {"from":1,"to":2}\n\n')
  server.room.add('Bob', 'gone', 0)
  server.room.add('Bob', 'gone too', 0)
  const message = server.say('Bob', 'hello')
  await vi.waitFor(() =>
    expect(line.inbound).toEqual([
      { type: 'presence', sender_id: 'Bob', present: true },
      { type: 'missed', from: 1, to: 2 },
      { type: 'message', message },
    ]),
  )
  server.breakStreams()
  await vi.waitFor(() => expect(server.requests.at(-1)).toBe('events 3'))
})

test('garbage is ignored; an unreadable message is reported as missed', async () => {
  const { server, line } = await joined()
  server.write('event: message\ndata: [[[\n\nnonsense\n\nevent: other\ndata: {}\n\nretry: 1\n\ndata\n\n')
  server.write('event: missed\ndata: {"from":"1"}\n\nevent: presence\ndata: null\n\nevent: welcome\ndata: 7\n\n')
  server.room.add('Bob', 'odd', 0)
  server.write('id: 1\nevent: message\ndata: {"seq":1}\n\n')
  server.say('Bob', 'ok')
  await vi.waitFor(() => expect(line.lines).toEqual(['Bob: ok']))
  expect(line.inbound[0]).toEqual({ type: 'missed', from: 1, to: 1 })
  expect(line.links.at(-1)).toEqual({ state: 'up' })
})

test.each(['breakStreams', 'endStreams'] as const)('%s: it comes back, and nothing is missing', async how => {
  const { server, line } = await joined()
  server.say('Bob', 'one')
  await vi.waitFor(() => expect(line.lines).toHaveLength(1))
  server.failAlways('events', { status: 503 })
  server[how]()
  await vi.waitFor(() =>
    expect(line.links.at(-1)).toMatchObject({ state: 'down', reason: expect.stringContaining('503') }),
  )
  server.say('Bob', 'two')
  server.failAlways('events', undefined)
  await comesUp(line)
  server.say('Bob', 'three')
  await vi.waitFor(() => expect(line.lines).toEqual(['Bob: one', 'Bob: two', 'Bob: three']))
  expect(server.streams).toBe(1)
  expect(line.inbound.every(({ type }) => type === 'message')).toBe(true)
})

test('what came behind a gap does not count: after a cut it is asked for again', async () => {
  const { server, line } = await joined()
  server.say('Bob', 'one')
  server.room.add('Bob', 'two', 0)
  server.say('Bob', 'three')
  await vi.waitFor(() => expect(line.lines).toEqual(['Bob: one', 'Bob: three']))
  server.breakStreams()
  await vi.waitFor(() => expect(line.lines.slice(2)).toEqual(['Bob: two', 'Bob: three']))
  expect(server.requests.at(-1)).toBe('events 1')
})

test('resume: from there, at once, and the link stays up', async () => {
  const { server, line } = await joined({ backoff: { minMs: 60_000, maxMs: 60_000 } })
  for (const text of ['one', 'two', 'three']) server.say('Bob', text)
  await vi.waitFor(() => expect(line.lines).toHaveLength(3))
  line.transport.resume(1)
  await vi.waitFor(() => expect(line.lines.slice(3)).toEqual(['Bob: two', 'Bob: three']))
  expect(line.links).toEqual([{ state: 'down', reason: 'Not connected yet.' }, { state: 'up' }])
  await vi.waitFor(() => expect(server.streams).toBe(1))
})

test('resume while it is down: from there once it is up', async () => {
  const { server, line } = await joined()
  for (const text of ['one', 'two']) server.say('Bob', text)
  await vi.waitFor(() => expect(line.lines).toHaveLength(2))
  server.failAlways('events', { status: 500 })
  server.breakStreams()
  await vi.waitFor(() => expect(line.links.at(-1)).toMatchObject({ state: 'down' }))
  line.transport.resume(0)
  server.failAlways('events', undefined)
  await vi.waitFor(() => expect(line.lines.slice(2)).toEqual(['Bob: one', 'Bob: two']))
})

test('resume from within a message: nothing of the old connection follows', async () => {
  const { server, line } = await joined()
  let asked = 0
  line.transport.inbound$.subscribe(() => asked++ === 0 && line.transport.resume(0))
  const batch = ['one', 'two'].map(text => eventOf(server.room.add('Bob', text, 0)))
  server.write(batch.join(''))
  await vi.waitFor(() => expect(line.lines).toEqual(['Bob: one', 'Bob: one', 'Bob: two']))
})

test('a line on which nothing comes is dead', async () => {
  const { server, line } = await joined({ idleTimeoutMs: 60 })
  const reason = expect.stringContaining('nothing came for 0.06 seconds')
  await vi.waitFor(() => expect(line.links).toContainEqual({ state: 'down', reason }))
  await vi.waitFor(() => expect(server.count('events')).toBeGreaterThan(1))
})
