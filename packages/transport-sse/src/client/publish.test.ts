import { type DraftEvent, type Transport, virtualClock } from '@midsentence/core'
import { fakeSseServer, type SseServerFault } from '@midsentence/testing/sse/fake-sse-server'
import { sseTestClient } from '@midsentence/testing/sse/sse-client'
import { expect, test, vi } from 'vitest'

const joined = async (options?: Parameters<typeof sseTestClient>[1]) => {
  const server = await fakeSseServer()
  const client = sseTestClient(server.url, options)
  await client.open('Ada')
  return { server, client }
}

test('a publish returns its seq, and the message is echoed', async () => {
  const { server, client } = await joined()
  const meta = { tone: 'dry' }
  const verdict = await client.publish('hello', { key: 'k', timeout_ms: 5, meta })
  expect(verdict).toEqual({
    sent: true,
    message_id: 'm-1',
    timestamp: '2026-01-01T00:00:00.000Z',
    seq: 1,
    durability: 'memory',
  })
  expect(server.requests.at(-1)).toBe(
    `publish ${JSON.stringify({ content: 'hello', base: 0, key: 'k', timeout_ms: 5, meta })}`,
  )
  await vi.waitFor(() => expect(client.lines).toEqual(['Ada: hello']))
})

test('a held publish returns the unseen messages', async () => {
  const { server, client } = await joined()
  const message = server.say('Bob', 'wait')
  expect(await client.publish('hello')).toEqual({ sent: false, messages: [message] })
})

test('a verdict contains the floor and the crossed seqs', async () => {
  const { server, client } = await joined()
  const held = { status: 0, held: true, messages: [{ odd: 1 }], floor: { name: 'Bob', for_ms: 7, more: 1 } }
  const sent = { status: 1, message_id: 'm', timestamp: 't', seq: 4, crossed: [2, 3], crossed_more: 1 }
  server.room.handle = () => ({ result: held })
  expect(await client.publish('x')).toEqual({ sent: false, messages: [], floor: { name: 'Bob', for_ms: 7 } })
  server.room.handle = () => ({ result: sent })
  expect(await client.publish('x')).toMatchObject({
    sent: true,
    crossed: [2, 3],
    crossed_more: 1,
    durability: 'unknown',
  })
})

const certain: [string, SseServerFault, string, RegExp][] = [
  [
    'refused by the room',
    { error: { code: 40004, message: 'No.', data: { reason: 'rude' } } },
    'content-policy',
    /No\./,
  ],
  ['too much', { error: { code: 40003, message: 'Slowly.', data: { retry_after_ms: 9 } } }, 'rate-limited', /Slowly/],
  ['too much, by HTTP', { status: 429, retryAfter: 2 }, 'rate-limited', /429.*draft is kept/],
  ['too long', { status: 413 }, 'invalid-params', /413.*draft is kept/],
  ['another type', { status: 415 }, 'unavailable', /not sent.*415.*draft is kept/],
  ['shutting down', { status: 503 }, 'unavailable', /not sent.*503.*draft is kept/],
]
test.each(certain)('%s rejects the publish as not sent', async (_, fault, code, sentence) => {
  const { server, client } = await joined()
  server.failNext('publish', fault)
  const error = await client.publish('hello').catch(error => error)
  expect(error).toMatchObject({ code, message: expect.stringMatching(sentence) })
  expect(error.data.unknown).toBeUndefined()
  expect(client.links.at(-1)).toEqual({ state: 'up' })
})

const outcomeUnknown: [string, SseServerFault, RegExp][] = [
  ['the answer of a proxy', { status: 502, type: 'text/html', body: '<p>' }, /502/],
  ['500', { status: 500 }, /500/],
  ['a page', { status: 200, type: 'text/html', body: '<p>' }, /answered with text\/html/],
  ['not JSON', { status: 200, body: '{' }, /not JSON/],
  ['nothing', { status: 204 }, /nothing/],
  ['another id', { status: 200, body: '{"id":"x","result":{}}' }, /another call/],
  ['an error for another id', { status: 200, body: '{"id":"x","error":{}}' }, /not JSON-RPC/],
  ['no verdict', { status: 200, body: '{"id":2,"result":{"status":2}}' }, /not a verdict/],
  ['a lost answer', 'lose-answer', /connection broke/],
]
test.each(outcomeUnknown)('%s leaves the outcome unknown, and a retry sends once', async (_, fault, sentence) => {
  const { server, client } = await joined()
  server.failNext('publish', fault)
  const error = await client.publish('hello', { key: 'k' }).catch(error => error)
  expect(error).toMatchObject({
    code: 'unavailable',
    data: { unknown: true },
    message: expect.stringMatching(/not certain yet.*draft is kept/),
  })
  expect(error.message).toMatch(sentence)
  expect(await client.publish('hello', { key: 'k', isRetry: true })).toMatchObject({ sent: true, seq: 1 })
  expect(server.room.messages).toHaveLength(1)
})

test.each([...certain.filter(([, fault]) => 'status' in (fault as object)), certain[1]!])(
  'a retry that fails with %s leaves the outcome unknown',
  async (_, fault) => {
    const { server, client } = await joined()
    server.failNext('publish', fault)
    const error = await client.publish('hello', { isRetry: true }).catch(error => error)
    expect(error).toMatchObject({ code: 'unavailable', data: { unknown: true } })
  },
)

test('[N4] a publish without an answer is repeated on a new connection under its key, and sent once', async () => {
  const clock = virtualClock()
  const { server, client } = await joined({ clock, idleTimeoutMs: 1e9 })
  server.failNext('publish', 'hang')
  const publish = client.publish('hello', { key: 'k' })
  await vi.waitFor(() => expect(server.count('publish')).toBe(1))
  await clock.advance(15_000)
  expect(await publish).toMatchObject({ sent: true, seq: 1 })
  expect([server.count('who'), server.count('publish'), server.room.messages.length]).toEqual([1, 2, 1])
})

test('a publish ends 30 s after the connection went dead, and its outcome is unknown', async () => {
  const clock = virtualClock()
  const { server, client } = await joined({ clock, idleTimeoutMs: 1e9 })
  server.failAlways('publish', 'hang')
  server.failAlways('who', 'hang')
  const publish = client.publish('hello', { timeout_ms: 240_000 }).catch(error => error)
  await vi.waitFor(() => expect(server.count('publish')).toBe(1))
  await clock.advance(15_000)
  await vi.waitFor(() => expect(server.count('who')).toBe(1))
  await clock.advance(15_000)
  expect(await publish).toMatchObject({ data: { unknown: true }, message: expect.stringMatching(/within 15 seconds/) })
})

test('a publish while disconnected sends nothing', async () => {
  const { server, client } = await joined()
  server.failAlways('events', { status: 500 })
  server.breakStreams()
  await vi.waitFor(() => expect(client.links.at(-1)).toMatchObject({ state: 'down' }))
  const error = await client.publish('hello').catch(error => error)
  expect(error).toMatchObject({
    code: 'unavailable',
    data: {},
    message: expect.stringMatching(/not sent.*connection.*down/),
  })
  expect(await client.publish('hello', { isRetry: true }).catch(error => error)).toMatchObject({
    data: { unknown: true },
  })
  expect(server.count('publish')).toBe(0)
})

test('a disconnect during a publish leaves its outcome unknown', async () => {
  const { server, client } = await joined()
  server.failNext('publish', 'hang')
  const publish = client.publish('hello', { key: 'k' }).catch(error => error)
  await vi.waitFor(() => expect(server.count('publish')).toBe(1))
  server.breakStreams()
  expect(await publish).toMatchObject({
    code: 'unavailable',
    data: { unknown: true },
    message: expect.stringMatching(/the connection broke before the room answered/),
  })
  await vi.waitFor(() => expect(client.links.at(-1)).toEqual({ state: 'up' }))
  expect(await client.publish('hello', { key: 'k', isRetry: true })).toMatchObject({ sent: true, seq: 1 })
  expect(server.room.messages).toHaveLength(1)
})

test('a publish in a session the server lost is not sent, and the client joins again', async () => {
  const { server, client } = await joined()
  server.room.sessions.clear()
  const error = await client.publish('hello').catch(error => error)
  expect(error).toMatchObject({ code: 'unavailable', data: {}, message: expect.stringMatching(/joining again/) })
  await vi.waitFor(() => expect(client.inbound).toMatchObject([{ type: 'rejoined' }]))
  await vi.waitFor(() => expect(client.links.at(-1)).toEqual({ state: 'up' }))
  expect(await client.publish('hello')).toMatchObject({ sent: true })
})

test('a publish before open or after close rejects, and nothing throws synchronously', async () => {
  const { client } = await joined()
  const early = sseTestClient('http://127.0.0.1:9')
  await expect(early.publish('x')).rejects.toMatchObject({ code: 'session-unknown' })
  early.transport.resume(1)
  early.transport.yield()
  await client.transport.close()
  await expect(client.publish('x')).rejects.toMatchObject({ code: 'session-unknown' })
})

test('yield and showDraft send notifications in order and never fail', async () => {
  const { server, client } = await joined()
  const { transport } = client as { transport: Required<Transport> }
  transport.yield()
  await vi.waitFor(() => expect(server.count('yield')).toBe(1))
  const appended = (text: string): DraftEvent => ({ type: 'appended', text, base: 0 })
  for (let rev = 1; rev <= 4; rev++) transport.showDraft([appended(`${rev}`)], rev)
  await vi.waitFor(() => expect(server.count('draft')).toBe(2))
  const shown = () => server.requests.filter(r => r.startsWith('draft')).map(r => JSON.parse(r.slice(6)))
  expect(shown().flatMap(({ facts }) => facts)).toEqual(['1', '2', '3', '4'].map(appended))
  expect(shown().map(({ rev }) => rev)).toEqual([1, 4])
  // The whole draft replaces the queued facts.
  server.failAlways('draft', 'drop')
  transport.showDraft([appended('5')], 5)
  transport.showDraft([appended('6')], 6)
  transport.showDraft([appended('all')], 1)
  await vi.waitFor(() => expect(server.count('draft')).toBe(4))
  expect(shown().at(-1)).toEqual({ facts: [appended('all')], rev: 1 })
  server.failAlways('yield', { status: 500 })
  transport.yield()
  await vi.waitFor(() => expect(server.count('yield')).toBe(2))
})
