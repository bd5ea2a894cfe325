import { fakePythonServer } from '@midsentence/testing/legacy/fake-python-server'
import { legacyClient } from '@midsentence/testing/legacy/legacy-client'
import { expect, test, vi } from 'vitest'

const joined = async (options?: Parameters<typeof legacyClient>[1]) => {
  const server = await fakePythonServer()
  const line = legacyClient(server.url, options)
  await line.open('Ada')
  return { server, line }
}

test('messages are numbered as they come, with a time that never goes back', async () => {
  const { server, line } = await joined()
  server.say('Bob', 'one')
  server.say('Server', 'Bob has left the chat')
  server.say('Server', 'nothing of note')
  server.say('Bob', 'two')
  await vi.waitFor(() => expect(line.lines).toEqual(['Bob: one', 'Bob: two']))
  expect(line.messages.map(({ seq }) => seq)).toEqual([1, 2])
  expect(line.messages.every(({ local_ids, base }) => local_ids && base === undefined)).toBe(true)
  expect(line.messages[0]?.timestamp).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/)
  expect(line.messages[1]!.timestamp >= line.messages[0]!.timestamp).toBe(true)
  expect(line.inbound).toContainEqual({ type: 'presence', sender_id: 'Bob', present: false })
})

test('keepalives and slow polls: many messages in one event, an event in many pieces', async () => {
  const { server, line } = await joined()
  server.pollsAlways = false
  for (let n = 0; n < 5; n++) {
    server.write(': keepalive\n\n')
    server.say('Bob', `${n}`)
  }
  server.poll()
  await vi.waitFor(() => expect(line.lines).toHaveLength(5))
  const bytes = new TextEncoder().encode(`data: ${JSON.stringify([{ sender: 'Bob', content: 'grüße 🦊' }])}\n\n`)
  for (const byte of bytes) server.write(Uint8Array.of(byte))
  await vi.waitFor(() => expect(line.lines.at(-1)).toBe('Bob: grüße 🦊'))
})

test('garbage is passed over', async () => {
  const { server, line } = await joined()
  server.write('data: {"sender":"Bob"}\n\ndata: [[[\n\nnonsense\n\nevent: other\ndata: []\n\nretry: 1\n\n')
  server.write('data: [null, {"sender": 1, "content": "x"}, {"sender": "Bob", "content": "ok"}]\n\n')
  await vi.waitFor(() => expect(line.lines).toEqual(['Bob: ok']))
  expect(line.links.at(-1)).toEqual({ state: 'up' })
})

test.each(['breakStreams', 'endStreams'] as const)(
  '%s: it comes back, and what was said meanwhile is there',
  async how => {
    const { server, line } = await joined()
    server.failAlways('/events', { status: 503 })
    server[how]()
    await vi.waitFor(() =>
      expect(line.links.at(-1)).toMatchObject({ state: 'down', reason: expect.stringContaining('503') }),
    )
    server.say('Bob', 'meanwhile')
    server.failAlways('/events', undefined)
    await vi.waitFor(() => expect(line.lines).toEqual(['Bob: meanwhile']))
    expect(line.links.at(-1)).toEqual({ state: 'up' })
    expect(server.streams).toBe(1)
  },
)

test('never two connections at once, and each new one later', async () => {
  let waits = 0
  const random = () => {
    waits++
    return 1
  }
  const { server, line } = await joined({ backoff: { minMs: 4, maxMs: 16 }, random })
  server.failAlways('/events', { status: 500 })
  server.breakStreams()
  await vi.waitFor(() => expect(waits).toBeGreaterThan(6))
  server.failAlways('/events', undefined)
  await vi.waitFor(() => expect(line.links.at(-1)).toEqual({ state: 'up' }))
  expect(server.streams).toBe(1)
  // Every failure was one value of link$, since its reason was the same.
  expect(line.links.filter(({ state }) => state === 'down').length).toBeLessThanOrEqual(3)
})

test('a line on which nothing comes is dead', async () => {
  const { server, line } = await joined({ idleTimeoutMs: 60 })
  await vi.waitFor(() => {
    expect(line.links).toContainEqual({
      state: 'down',
      reason: expect.stringContaining('nothing came for 0.06 seconds'),
    })
    expect(server.requests.filter(request => request.startsWith('GET')).length).toBeGreaterThan(1)
  })
  await vi.waitFor(() => expect(server.streams).toBeLessThanOrEqual(1))
})

test('a server that has forgotten the name: registered again, and said aloud', async () => {
  const { server, line } = await joined({ backoff: { minMs: 60_000, maxMs: 60_000 }, random: () => 0 })
  server.forget()
  // The first loss is the end of the stream, whose wait a publish cuts short.
  await vi.waitFor(() => expect(line.links.at(-1)).toMatchObject({ state: 'down' }))
  expect(await line.publish('still here')).toMatchObject({ sent: true, seq: 1 })
  expect(line.links.at(-1)).toEqual({ state: 'up' })
})

test('403: registered again at once', async () => {
  const { server, line } = await joined()
  server.forget()
  await vi.waitFor(() => expect(server.requests.filter(request => request === 'POST /register Ada')).toHaveLength(2))
  await vi.waitFor(() => expect(line.links.at(-1)).toEqual({ state: 'up' }))
  expect(line.links).toContainEqual({
    state: 'down',
    reason: expect.stringMatching(/does not know you any more: joining again/),
  })
  server.say('Bob', 'hello again')
  await vi.waitFor(() => expect(line.lines).toEqual(['Bob: hello again']))
})

test('403 over and over is no storm', async () => {
  const { server, line } = await joined({ random: () => 1, backoff: { minMs: 20, maxMs: 20 } })
  server.failAlways('/events', { status: 403 })
  server.breakStreams()
  const before = performance.now()
  await vi.waitFor(() => expect(server.requests.filter(request => request.startsWith('GET')).length).toBeGreaterThan(6))
  expect(performance.now() - before).toBeGreaterThan(80)
  server.failAlways('/events', undefined)
  await vi.waitFor(() => expect(line.links.at(-1)).toEqual({ state: 'up' }))
})

test('[Q4] a message under my name that I did not send shows as one', async () => {
  const { server, line } = await joined()
  server.say('Ada', 'not me')
  await vi.waitFor(() => expect(line.messages).toMatchObject([{ sender_id: 'Ada', content: 'not me', seq: 1 }]))
})

test('closing while it waits for the next attempt leaves no timer and no attempt', async () => {
  const { server, line } = await joined({ backoff: { minMs: 30, maxMs: 30 } })
  server.failAlways('/events', { status: 500 })
  server.breakStreams()
  await vi.waitFor(() => expect(line.links.at(-1)).toMatchObject({ state: 'down' }))
  await line.transport.close()
  const { length } = server.requests
  await vi.waitFor(() => expect(server.requests.at(-1)).toBe('POST /unregister Ada'))
  expect(server.requests).toHaveLength(length)
})
