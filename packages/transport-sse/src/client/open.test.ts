import { createServer } from 'node:net'
import { isMidsentenceError, virtualClock } from '@midsentence/core'
import { fakeSseServer, type SseServerFault } from '@midsentence/testing/sse/fake-sse-server'
import { sseTestClient } from '@midsentence/testing/sse/sse-client'
import { expect, onTestFinished, test, vi } from 'vitest'
import { sseTransport } from './index.ts'

/** A port on which nobody listens. */
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

test('joins: from the head of the room, with the stream open', async () => {
  const server = await fakeSseServer()
  server.say('Bob', 'before')
  const line = sseTestClient(server.url)
  expect(line.links).toEqual([{ state: 'down', reason: 'Not connected yet.' }])
  const welcome = await line.open('Ada')
  expect(welcome).toMatchObject({ cursor: 1, policy: 'hold', resumed: false })
  expect(welcome.session).toMatchObject({ room: 'lobby', sender_id: 'Ada', log: 'log 1' })
  expect(line.links.at(-1)).toEqual({ state: 'up' })
  expect(server.requests.at(-1)).toBe('events 1')
  server.say('Bob', 'hello')
  await vi.waitFor(() => expect(line.lines).toEqual(['Bob: hello']))
})

test('what arrives before anybody subscribes is kept', async () => {
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

test('comes back into its session, from the last seq that is known', async () => {
  const server = await fakeSseServer()
  const { session } = await sseTestClient(server.url).open('Ada')
  for (const text of ['one', 'two', 'three']) server.say('Bob', text)
  const line = sseTestClient(server.url)
  const welcome = await line.open('Ada', { resume: { session, after: 1 } })
  expect(welcome).toMatchObject({ resumed: true, cursor: 1, session })
  await vi.waitFor(() => expect(line.lines).toEqual(['Bob: two', 'Bob: three']))
  expect(server.count('join')).toBe(1)
})

test('a session that the server does not know: joins anew, and says so', async () => {
  const server = await fakeSseServer()
  const { session } = await sseTestClient(server.url).open('Ada')
  server.restart('log 2')
  server.say('Bob', 'new world')
  const welcome = await sseTestClient(server.url).open('Ada', { resume: { session, after: 7 } })
  expect(welcome).toMatchObject({ resumed: false, cursor: 1 })
  expect(welcome.session.log).toBe('log 2')
})

test('a session that was lost on this side: the secret finds it', async () => {
  const server = await fakeSseServer()
  const secret = 'a secret of sixteen bytes or more'
  const first = await sseTestClient(server.url, { secret }).open('Ada')
  expect(first.session).toMatchObject({ secret })
  const second = await sseTestClient(server.url, { secret }).open('Ada')
  expect(second.session).toEqual(first.session)
})

test('a place that the server never gave: from its own, and not as resumed', async () => {
  const server = await fakeSseServer()
  const { session } = await sseTestClient(server.url).open('Ada')
  server.say('Bob', 'one')
  const welcome = await sseTestClient(server.url).open('Ada', { resume: { session, after: 99 } })
  expect(welcome).toMatchObject({ resumed: false, cursor: 1, session: { session_id: session.session_id } })
})

test('an observable room is told', async () => {
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

test('nobody there: a sentence that says what to start', async () => {
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
  ['an error of its own', 'join', { error: { code: 40012, message: 'Full.' } }, 'room-unavailable', /^Full\.$/],
  ['an error of another number', 'join', { error: { code: 7, message: 'Odd.' } }, 'internal', /^Odd\.$/],
  ['no stream', 'events', { status: 500 }, 'unavailable', /sends no messages: the server answered 500/],
  ['a page for a stream', 'events', { status: 200, type: 'text/html' }, 'unavailable', /sends no messages.*text\/html/],
])('%s: %s meets %o', async (_, what, fault, code, sentence) => {
  const server = await fakeSseServer()
  const clock = virtualClock()
  server.failAlways(what, fault)
  const line = sseTestClient(server.url, { clock })
  const opening = failureOf(line.open())
  if (what === 'events') {
    await vi.waitFor(() => expect(line.links.length).toBeGreaterThan(1))
    await clock.advance(5000)
  }
  const error = await opening
  expect(error).toMatchObject({ code, message: expect.stringMatching(sentence) })
  if (fault === undefined || typeof fault !== 'object' || !('retryAfter' in fault)) return
  expect(error).toMatchObject({ data: { retry_after_ms: 3000 } })
})

test('a server that never answers: within five seconds', async () => {
  const server = await fakeSseServer()
  const clock = virtualClock()
  server.failAlways('join', 'hang')
  const opening = failureOf(sseTestClient(server.url, { clock }).open())
  await vi.waitFor(() => expect(server.count('join')).toBe(1))
  await clock.advance(5000)
  expect((await opening).message).toMatch(/no answer came within 4\.8 seconds/)
})

test('who came in but hears nothing leaves again; a session from before stays', async () => {
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

test('a taken name', async () => {
  const server = await fakeSseServer()
  await sseTestClient(server.url).open('Ada')
  const error = await failureOf(sseTestClient(server.url).open('Ada'))
  expect(error).toMatchObject({ code: 'name-taken', message: 'The name Ada is taken. Choose another.' })
})

test('a join whose answer was lost is asked again, with the same secret', async () => {
  const server = await fakeSseServer()
  server.failNext('join', 'lose-answer', 'lose-answer')
  const welcome = await sseTestClient(server.url).open('Ada', { secret: 'a secret of sixteen bytes or more' })
  expect(welcome.resumed).toBe(false)
  expect(new Set(server.requests.filter(request => request.startsWith('join'))).size).toBe(1)
  expect(server.room.names).toEqual(['Ada'])
})

test('a lost join answer of one who has nowhere to keep a secret, and makes none: said', async () => {
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
  const line = sseTestClient(server.url)
  await line.open()
  await expect(line.open()).rejects.toBeInstanceOf(TypeError)
})

test('no error tells the token or the secret', async () => {
  const server = await fakeSseServer()
  const secret = 'a secret of sixteen bytes or more'
  const line = sseTestClient(server.url, { secret })
  const { session } = await line.open()
  server.failAlways('publish', { status: 500 })
  const error = await failureOf(line.publish('hello'))
  const told = JSON.stringify([error, error.message, String(error.cause), line.links])
  expect(told).not.toContain(session.token)
  expect(session.secret).toBe(secret)
  expect(told).not.toContain(secret)
})
