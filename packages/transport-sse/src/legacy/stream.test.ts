import { fakePythonServer } from '@midsentence/testing/legacy/fake-python-server'
import { legacyClient } from '@midsentence/testing/legacy/legacy-client'
import { expect, test, vi } from 'vitest'

const joined = async (options?: Parameters<typeof legacyClient>[1]) => {
  const server = await fakePythonServer()
  const client = legacyClient(server.url, options)
  await client.open('Ada')
  return { server, client }
}

test('messages are numbered in order, with timestamps that never decrease', async () => {
  const { server, client } = await joined()
  server.say('Bob', 'one')
  server.say('Server', 'Bob has left the chat')
  server.say('Server', 'nothing of note')
  server.say('Bob', 'two')
  await vi.waitFor(() => expect(client.lines).toEqual(['Bob: one', 'Bob: two']))
  expect(client.messages.map(({ seq }) => seq)).toEqual([1, 2])
  expect(client.messages.every(({ local_ids, base }) => local_ids && base === undefined)).toBe(true)
  expect(client.messages[0]?.timestamp).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/)
  expect(client.messages[1]!.timestamp >= client.messages[0]!.timestamp).toBe(true)
  expect(client.inbound).toContainEqual({ type: 'presence', sender_id: 'Bob', present: false })
})

test('many messages in one event and one event in many chunks are parsed', async () => {
  const { server, client } = await joined()
  server.pollsAlways = false
  for (let n = 0; n < 5; n++) {
    server.write(': keepalive\n\n')
    server.say('Bob', `${n}`)
  }
  server.poll()
  await vi.waitFor(() => expect(client.lines).toHaveLength(5))
  const bytes = new TextEncoder().encode(`data: ${JSON.stringify([{ sender: 'Bob', content: 'grüße 🦊' }])}\n\n`)
  for (const byte of bytes) server.write(Uint8Array.of(byte))
  await vi.waitFor(() => expect(client.lines.at(-1)).toBe('Bob: grüße 🦊'))
})

test('garbage is ignored', async () => {
  const { server, client } = await joined()
  server.write('data: {"sender":"Bob"}\n\ndata: [[[\n\nnonsense\n\nevent: other\ndata: []\n\nretry: 1\n\n')
  server.write('data: [null, {"sender": 1, "content": "x"}, {"sender": "Bob", "content": "ok"}]\n\n')
  await vi.waitFor(() => expect(client.lines).toEqual(['Bob: ok']))
  expect(client.links.at(-1)).toEqual({ state: 'up' })
})

test.each(['breakStreams', 'endStreams'] as const)(
  'after %s the client reconnects and receives the missed messages',
  async how => {
    const { server, client } = await joined()
    server.failAlways('/events', { status: 503 })
    server[how]()
    await vi.waitFor(() =>
      expect(client.links.at(-1)).toMatchObject({ state: 'down', reason: expect.stringContaining('503') }),
    )
    server.say('Bob', 'meanwhile')
    server.failAlways('/events', undefined)
    await vi.waitFor(() => expect(client.lines).toEqual(['Bob: meanwhile']))
    expect(client.links.at(-1)).toEqual({ state: 'up' })
    expect(server.streams).toBe(1)
  },
)

test('reconnects back off and never hold two connections', async () => {
  let waits = 0
  const random = () => {
    waits++
    return 1
  }
  const { server, client } = await joined({ backoff: { minMs: 4, maxMs: 16 }, random })
  server.failAlways('/events', { status: 500 })
  server.breakStreams()
  await vi.waitFor(() => expect(waits).toBeGreaterThan(6))
  server.failAlways('/events', undefined)
  await vi.waitFor(() => expect(client.links.at(-1)).toEqual({ state: 'up' }))
  expect(server.streams).toBe(1)
  // Every failure was one value of link$, since its reason was the same.
  expect(client.links.filter(({ state }) => state === 'down').length).toBeLessThanOrEqual(3)
})

test('a silent connection is replaced', async () => {
  const { server, client } = await joined({ idleTimeoutMs: 60 })
  await vi.waitFor(() => {
    expect(client.links).toContainEqual({
      state: 'down',
      reason: expect.stringContaining('nothing came for 0.06 seconds'),
    })
    expect(server.requests.filter(request => request.startsWith('GET')).length).toBeGreaterThan(1)
  })
  await vi.waitFor(() => expect(server.streams).toBeLessThanOrEqual(1))
})

test('a publish registers the name again on a server that lost it', async () => {
  const { server, client } = await joined({ backoff: { minMs: 60_000, maxMs: 60_000 }, random: () => 0 })
  server.forget()
  // The first loss is the end of the stream, whose wait a publish cuts short.
  await vi.waitFor(() => expect(client.links.at(-1)).toMatchObject({ state: 'down' }))
  expect(await client.publish('still here')).toMatchObject({ sent: true, seq: 1 })
  expect(client.links.at(-1)).toEqual({ state: 'up' })
})

test('a 403 of the stream registers the name again at once', async () => {
  const { server, client } = await joined()
  server.forget()
  await vi.waitFor(() => expect(server.requests.filter(request => request === 'POST /register Ada')).toHaveLength(2))
  await vi.waitFor(() => expect(client.links.at(-1)).toEqual({ state: 'up' }))
  expect(client.links).toContainEqual({
    state: 'down',
    reason: expect.stringMatching(/does not know you any more: joining again/),
  })
  server.say('Bob', 'hello again')
  await vi.waitFor(() => expect(client.lines).toEqual(['Bob: hello again']))
})

test('repeated 403 answers are retried with backoff', async () => {
  const { server, client } = await joined({ random: () => 1, backoff: { minMs: 20, maxMs: 20 } })
  server.failAlways('/events', { status: 403 })
  server.breakStreams()
  const before = performance.now()
  await vi.waitFor(() => expect(server.requests.filter(request => request.startsWith('GET')).length).toBeGreaterThan(6))
  expect(performance.now() - before).toBeGreaterThan(80)
  server.failAlways('/events', undefined)
  await vi.waitFor(() => expect(client.links.at(-1)).toEqual({ state: 'up' }))
})

test('[Q4] a message under the own name that was sent elsewhere is delivered', async () => {
  const { server, client } = await joined()
  server.say('Ada', 'not me')
  await vi.waitFor(() => expect(client.messages).toMatchObject([{ sender_id: 'Ada', content: 'not me', seq: 1 }]))
})

test('close between two attempts leaves no timer', async () => {
  const { server, client } = await joined({ backoff: { minMs: 30, maxMs: 30 } })
  server.failAlways('/events', { status: 500 })
  server.breakStreams()
  await vi.waitFor(() => expect(client.links.at(-1)).toMatchObject({ state: 'down' }))
  await client.transport.close()
  const { length } = server.requests
  await vi.waitFor(() => expect(server.requests.at(-1)).toBe('POST /unregister Ada'))
  expect(server.requests).toHaveLength(length)
})
