import { createServer } from 'node:net'
import { isMidsentenceError, virtualClock } from '@midsentence/core'
import { fakeSseServer, type SseServerFault } from '@midsentence/testing/sse/fake-sse-server'
import { sseTestClient } from '@midsentence/testing/sse/sse-client'
import { expect, onTestFinished, test, vi } from 'vitest'
import { sseTransport } from './index.ts'

/** Returns a port on which no server listens. */
async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await new Promise(resolve => server.once('listening', resolve))
  const { port } = server.address() as { port: number }
  await new Promise(resolve => server.close(resolve))
  return port
}

const failureOf = (opening: Promise<unknown>) =>
  opening.then(
    () => expect.unreachable('open should have failed'),
    (error: Error) => {
      expect(isMidsentenceError(error)).toBe(true)
      return error
    },
  )

test('open joins and streams from the head of the room', async () => {
  const server = await fakeSseServer()
  server.say('Bob', 'before')
  const client = sseTestClient(server.url)
  expect(client.links).toEqual([{ state: 'down', reason: 'Not connected yet.' }])
  const result = await client.open('Ada')
  expect(result).toMatchObject({ cursor: 1, policy: 'hold', resumed: false })
  expect(result.session).toMatchObject({ room: 'lobby', sender_id: 'Ada', log: 'log 1' })
  expect(client.links.at(-1)).toEqual({ state: 'up' })
  expect(server.requests.at(-1)).toBe('events 1')
  server.say('Bob', 'hello')
  await vi.waitFor(() => expect(client.lines).toEqual(['Bob: hello']))
})

test('messages before the first subscriber are buffered', async () => {
  const server = await fakeSseServer()
  const transport = sseTransport({ url: server.url })
  onTestFinished(() => transport.close())
  await transport.open({ room: 'lobby', username: 'Ada' })
  server.say('Bob', 'hi')
  const other = sseTestClient(server.url)
  await other.open('Eve')
  server.say('Bob', 'again')
  await vi.waitFor(() => expect(other.lines).toEqual(['Bob: again']))
  const seen: string[] = []
  transport.inbound$.subscribe(item => item.type === 'message' && seen.push(item.message.content))
  await vi.waitFor(() => expect(seen).toEqual(['hi', 'again']))
})

test('open resumes the session after the given seq', async () => {
  const server = await fakeSseServer()
  const { session } = await sseTestClient(server.url).open('Ada')
  for (const text of ['one', 'two', 'three']) server.say('Bob', text)
  const client = sseTestClient(server.url)
  const result = await client.open('Ada', { resume: { session, after: 1 } })
  expect(result).toMatchObject({ resumed: true, cursor: 1, session })
  await vi.waitFor(() => expect(client.lines).toEqual(['Bob: two', 'Bob: three']))
  expect(server.count('join')).toBe(1)
})

test('if the server does not know the session, open joins again and returns resumed: false', async () => {
  const server = await fakeSseServer()
  const { session } = await sseTestClient(server.url).open('Ada')
  server.restart('log 2')
  server.say('Bob', 'new world')
  const result = await sseTestClient(server.url).open('Ada', { resume: { session, after: 7 } })
  expect(result).toMatchObject({ resumed: false, cursor: 1 })
  expect(result.session.log).toBe('log 2')
})

test('[A6] a session that open created is not called resumed, although its first stream is refused', async () => {
  const server = await fakeSseServer()
  server.say('Bob', 'before')
  server.failNext('events', { status: 401 })
  const session = { session_id: 'gone', token: 'gone', room: 'lobby', sender_id: 'Ada', log: 'log 1' }
  const result = await sseTestClient(server.url).open('Ada', { resume: { session, after: 0 } })
  expect([server.count('join'), server.count('events')]).toEqual([1, 2])
  expect(result).toMatchObject({ resumed: false, cursor: 1 })
})

test('the secret reaches a session that the client lost', async () => {
  const server = await fakeSseServer()
  const secret = 'a secret of sixteen bytes or more'
  const first = await sseTestClient(server.url, { secret }).open('Ada')
  expect(first.session).toMatchObject({ secret })
  const second = await sseTestClient(server.url, { secret }).open('Ada')
  expect(second.session).toEqual(first.session)
})

test('a cursor above the shown seq is replaced by the server cursor, with resumed: false', async () => {
  const server = await fakeSseServer()
  const { session } = await sseTestClient(server.url).open('Ada')
  server.say('Bob', 'one')
  const result = await sseTestClient(server.url).open('Ada', { resume: { session, after: 99 } })
  expect(result).toMatchObject({ resumed: false, cursor: 1, session: { session_id: session.session_id } })
})

test('open reports an observable room', async () => {
  const server = await fakeSseServer()
  const plain = await sseTestClient(server.url).open('Ada')
  expect('observable' in plain).toBe(false)
  const join = server.room.handle.bind(server.room)
  server.room.handle = (...call) => {
    const outcome = join(...call)
    return 'result' in outcome ? { result: { ...outcome.result, observable: true } } : outcome
  }
  expect(await sseTestClient(server.url).open('Eve')).toMatchObject({ observable: true })
})

test('open without a server rejects with what to start', async () => {
  const url = `http://127.0.0.1:${await freePort()}`
  const error = await failureOf(sseTestClient(url).open())
  expect(error).toMatchObject({ code: 'unavailable', data: {} })
  expect(error.message).toMatch(
    /^No midsentence server answers at http:.*: nobody answers there\. .*npx midsentence serve/,
  )
})

test.each<[string, string, SseServerFault | undefined, string, RegExp]>([
  [
    'a web page',
    'join',
    { status: 200, type: 'text/html', body: '<p>' },
    'unavailable',
    /is not a midsentence.*text\/html/,
  ],
  ['not JSON', 'join', { status: 200, body: 'hello' }, 'unavailable', /is not a midsentence.*its answer is not JSON/],
  ['JSON of another kind', 'join', { status: 200, body: '[1]' }, 'unavailable', /its answer is not JSON-RPC/],
  ['null', 'join', { status: 200, body: 'null' }, 'unavailable', /its answer is not JSON-RPC/],
  ['no content', 'join', { status: 204 }, 'unavailable', /it answered nothing/],
  ['another id', 'join', { status: 200, body: '{"id":99,"result":{}}' }, 'unavailable', /it answered another call/],
  [
    'a poor result',
    'join',
    { status: 200, body: '{"id":1,"result":{}}' },
    'unavailable',
    /is not a midsentence server/,
  ],
  ['404', 'join', { status: 404 }, 'unavailable', /is not a midsentence server: it answered 404/],
  ['a redirect', 'join', { status: 301 }, 'unavailable', /is not a midsentence server: it answered 301/],
  ['502', 'join', { status: 502, type: 'text/html', body: '<p>' }, 'unavailable', /cannot accept you.*502/],
  ['503', 'join', { status: 503 }, 'unavailable', /cannot accept you.*503/],
  ['429', 'join', { status: 429, retryAfter: 3 }, 'rate-limited', /refuses further requests.*429/],
  ['a connection that breaks', 'join', 'drop', 'unavailable', /the connection broke before the answer/],
  ['an error of the server', 'join', { error: { code: 40012, message: 'Full.' } }, 'room-unavailable', /^Full\.$/],
  ['an error with an unknown code', 'join', { error: { code: 7, message: 'Odd.' } }, 'internal', /^Odd\.$/],
  ['no stream', 'events', { status: 500 }, 'unavailable', /sends no messages: the server answered 500/],
  ['a page for a stream', 'events', { status: 200, type: 'text/html' }, 'unavailable', /sends no messages.*text\/html/],
])('%s: %s meets %o', async (_, what, fault, code, sentence) => {
  const server = await fakeSseServer()
  const clock = virtualClock()
  server.failAlways(what, fault)
  const client = sseTestClient(server.url, { clock })
  const opening = failureOf(client.open())
  if (what === 'events') {
    await vi.waitFor(() => expect(client.links.length).toBeGreaterThan(1))
    await clock.advance(5000)
  }
  const error = await opening
  expect(error).toMatchObject({ code, message: expect.stringMatching(sentence) })
  if (fault === undefined || typeof fault !== 'object' || !('retryAfter' in fault)) return
  expect(error).toMatchObject({ data: { retry_after_ms: 3000 } })
})

test('open rejects within five seconds if the server never answers', async () => {
  const server = await fakeSseServer()
  const clock = virtualClock()
  server.failAlways('join', 'hang')
  const opening = failureOf(sseTestClient(server.url, { clock }).open())
  await vi.waitFor(() => expect(server.count('join')).toBe(1))
  await clock.advance(5000)
  expect((await opening).message).toMatch(/no answer came within 4\.8 seconds/)
})

test('if the stream does not open, a new session is left and a resumed one stays', async () => {
  const server = await fakeSseServer()
  const clock = virtualClock()
  const { session } = await sseTestClient(server.url).open('Ben')
  server.failAlways('events', { status: 500 })
  const opening = [
    failureOf(sseTestClient(server.url, { clock }).open('Ada')),
    failureOf(sseTestClient(server.url, { clock }).open('Ben', { resume: { session, after: 0 } })),
  ]
  await vi.waitFor(() => expect(server.count('events')).toBeGreaterThan(2))
  await clock.advance(5000)
  await Promise.all(opening)
  await vi.waitFor(() => expect(server.room.names).toEqual(['Ben']))
})

test('a taken name rejects with name-taken', async () => {
  const server = await fakeSseServer()
  await sseTestClient(server.url).open('Ada')
  const error = await failureOf(sseTestClient(server.url).open('Ada'))
  expect(error).toMatchObject({ code: 'name-taken', message: 'The name Ada is taken. Choose another.' })
})

test('a join whose answer was lost is repeated with the same secret', async () => {
  const server = await fakeSseServer()
  server.failNext('join', 'lose-answer', 'lose-answer')
  const result = await sseTestClient(server.url).open('Ada', { secret: 'a secret of sixteen bytes or more' })
  expect(result.resumed).toBe(false)
  expect(new Set(server.requests.filter(request => request.startsWith('join'))).size).toBe(1)
  expect(server.room.names).toEqual(['Ada'])
})

test('without a secret, the error after a lost join answer names the previous attempt', async () => {
  const server = await fakeSseServer()
  server.failNext('join', 'lose-answer')
  const error = await failureOf(sseTestClient(server.url).open('Ada'))
  expect(error).toMatchObject({ code: 'name-taken', message: expect.stringMatching(/your previous attempt/) })
})

test('misuse is a TypeError', async () => {
  expect(() => sseTransport({})).toThrow(TypeError)
  expect(() => sseTransport({ url: 'nowhere' })).toThrow(TypeError)
  expect(() => sseTransport({ url: 'ftp://a' })).toThrow(TypeError)
  expect(() => sseTransport({ urls: [] })).toThrow(TypeError)
  const server = await fakeSseServer()
  const client = sseTestClient(server.url)
  await client.open()
  await expect(client.open()).rejects.toBeInstanceOf(TypeError)
})

test('no error contains the token or the secret', async () => {
  const server = await fakeSseServer()
  const secret = 'a secret of sixteen bytes or more'
  const client = sseTestClient(server.url, { secret })
  const { session } = await client.open()
  server.failAlways('publish', { status: 500 })
  const error = await failureOf(client.publish('hello'))
  const text = JSON.stringify([error, error.message, String(error.cause), client.links])
  expect(text).not.toContain(session.token)
  expect(session.secret).toBe(secret)
  expect(text).not.toContain(secret)
})
