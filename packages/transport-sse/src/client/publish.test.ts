import { type DraftEvent, type Transport, virtualClock } from '@midsentence/core'
import { fakeSseServer, type SseServerFault } from '@midsentence/testing/sse/fake-sse-server'
import { sseTestClient } from '@midsentence/testing/sse/sse-client'
import { expect, test, vi } from 'vitest'

const joined = async (options?: Parameters<typeof sseTestClient>[1]) => {
  const server = await fakeSseServer()
  const line = sseTestClient(server.url, options)
  await line.open('Ada')
  return { server, line }
}

test('sent: its place, and it comes back', async () => {
  const { server, line } = await joined()
  const meta = { tone: 'dry' }
  const verdict = await line.publish('hello', { key: 'k', timeout_ms: 5, meta })
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
  await vi.waitFor(() => expect(line.lines).toEqual(['Ada: hello']))
})

test('held: with what was not given', async () => {
  const { server, line } = await joined()
  const message = server.say('Bob', 'wait')
  expect(await line.publish('hello')).toEqual({ sent: false, messages: [message] })
})

test('held for a floor, and crossed', async () => {
  const { server, line } = await joined()
  const held = { status: 0, held: true, messages: [{ odd: 1 }], floor: { name: 'Bob', for_ms: 7, more: 1 } }
  const sent = { status: 1, message_id: 'm', timestamp: 't', seq: 4, crossed: [2, 3], crossed_more: 1 }
  server.room.handle = () => ({ result: held })
  expect(await line.publish('x')).toEqual({ sent: false, messages: [], floor: { name: 'Bob', for_ms: 7 } })
  server.room.handle = () => ({ result: sent })
  expect(await line.publish('x')).toMatchObject({ sent: true, crossed: [2, 3], crossed_more: 1, durability: 'unknown' })
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
test.each(certain)('%s: certainly not sent', async (_, fault, code, sentence) => {
  const { server, line } = await joined()
  server.failNext('publish', fault)
  const error = await line.publish('hello').catch(error => error)
  expect(error).toMatchObject({ code, message: expect.stringMatching(sentence) })
  expect(error.data.unknown).toBeUndefined()
  expect(line.links.at(-1)).toEqual({ state: 'up' })
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
test.each(outcomeUnknown)('%s: not certain; asked again it is', async (_, fault, sentence) => {
  const { server, line } = await joined()
  server.failNext('publish', fault)
  const error = await line.publish('hello', { key: 'k' }).catch(error => error)
  expect(error).toMatchObject({
    code: 'unavailable',
    data: { unknown: true },
    message: expect.stringMatching(/not certain yet.*draft is kept/),
  })
  expect(error.message).toMatch(sentence)
  expect(await line.publish('hello', { key: 'k', isRetry: true })).toMatchObject({ sent: true, seq: 1 })
  expect(server.room.messages).toHaveLength(1)
})

test.each([...certain.filter(([, fault]) => 'status' in (fault as object)), certain[1]!])(
  'asked again and %s: still not certain',
  async (_, fault) => {
    const { server, line } = await joined()
    server.failNext('publish', fault)
    const error = await line.publish('hello', { isRetry: true }).catch(error => error)
    expect(error).toMatchObject({ code: 'unavailable', data: { unknown: true } })
  },
)

test('an answer that does not come: given up ten seconds after its time', async () => {
  const clock = virtualClock()
  const { server, line } = await joined({ clock, idleTimeoutMs: 1e9 })
  server.failAlways('publish', 'hang')
  let ended = 0
  const waits = [line.publish('a'), line.publish('b', { timeout_ms: 1000 })].map(publish =>
    publish.catch(error => {
      ended++
      return error
    }),
  )
  await vi.waitFor(() => expect(server.count('publish')).toBe(2))
  await clock.advance(10_999)
  expect(ended).toBe(0)
  await clock.advance(1)
  expect(await waits[1]).toMatchObject({ data: { unknown: true }, message: expect.stringMatching(/within 11 seconds/) })
  expect(ended).toBe(1)
  await clock.advance(24_000)
  expect(await waits[0]).toMatchObject({ data: { unknown: true }, message: expect.stringMatching(/within 35 seconds/) })
})

test('over a line that is down it is not tried', async () => {
  const { server, line } = await joined()
  server.failAlways('events', { status: 500 })
  server.breakStreams()
  await vi.waitFor(() => expect(line.links.at(-1)).toMatchObject({ state: 'down' }))
  const error = await line.publish('hello').catch(error => error)
  expect(error).toMatchObject({
    code: 'unavailable',
    data: {},
    message: expect.stringMatching(/not sent.*connection.*down/),
  })
  expect(await line.publish('hello', { isRetry: true }).catch(error => error)).toMatchObject({
    data: { unknown: true },
  })
  expect(server.count('publish')).toBe(0)
})

test('a line that breaks under it', async () => {
  const { server, line } = await joined()
  server.failNext('publish', 'hang')
  const publish = line.publish('hello', { key: 'k' }).catch(error => error)
  await vi.waitFor(() => expect(server.count('publish')).toBe(1))
  server.breakStreams()
  expect(await publish).toMatchObject({
    code: 'unavailable',
    data: { unknown: true },
    message: expect.stringMatching(/the connection broke before the room answered/),
  })
  await vi.waitFor(() => expect(line.links.at(-1)).toEqual({ state: 'up' }))
  expect(await line.publish('hello', { key: 'k', isRetry: true })).toMatchObject({ sent: true, seq: 1 })
  expect(server.room.messages).toHaveLength(1)
})

test('a server that does not know the session: not sent, and joined again', async () => {
  const { server, line } = await joined()
  server.room.sessions.clear()
  const error = await line.publish('hello').catch(error => error)
  expect(error).toMatchObject({ code: 'unavailable', data: {}, message: expect.stringMatching(/joining again/) })
  await vi.waitFor(() => expect(line.inbound).toMatchObject([{ type: 'rejoined' }]))
  await vi.waitFor(() => expect(line.links.at(-1)).toEqual({ state: 'up' }))
  expect(await line.publish('hello')).toMatchObject({ sent: true })
})

test('before open and after close it is refused, and nothing throws at once', async () => {
  const { line } = await joined()
  const early = sseTestClient('http://127.0.0.1:9')
  await expect(early.publish('x')).rejects.toMatchObject({ code: 'session-unknown' })
  early.transport.resume(1)
  early.transport.yield()
  await line.transport.close()
  await expect(line.publish('x')).rejects.toMatchObject({ code: 'session-unknown' })
})

test('yield and show are said as notifications, in order, and never fail', async () => {
  const { server, line } = await joined()
  const { transport } = line as { transport: Required<Transport> }
  transport.yield()
  await vi.waitFor(() => expect(server.count('yield')).toBe(1))
  const appended = (text: string): DraftEvent => ({ type: 'appended', text, base: 0 })
  for (let rev = 1; rev <= 4; rev++) transport.showDraft([appended(`${rev}`)], rev)
  await vi.waitFor(() => expect(server.count('draft')).toBe(2))
  const said = () => server.requests.filter(r => r.startsWith('draft')).map(r => JSON.parse(r.slice(6)))
  expect(said().flatMap(({ facts }) => facts)).toEqual(['1', '2', '3', '4'].map(appended))
  expect(said().map(({ rev }) => rev)).toEqual([1, 4])
  // The whole draft again stands for all that waited.
  server.failAlways('draft', 'drop')
  transport.showDraft([appended('5')], 5)
  transport.showDraft([appended('6')], 6)
  transport.showDraft([appended('all')], 1)
  await vi.waitFor(() => expect(server.count('draft')).toBe(4))
  expect(said().at(-1)).toEqual({ facts: [appended('all')], rev: 1 })
  server.failAlways('yield', { status: 500 })
  transport.yield()
  await vi.waitFor(() => expect(server.count('yield')).toBe(2))
})
