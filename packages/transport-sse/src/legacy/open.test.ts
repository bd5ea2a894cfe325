import { isMidsentenceError, virtualClock } from '@midsentence/core'
import { fakePythonServer } from '@midsentence/testing/legacy/fake-python-server'
import { legacyClient } from '@midsentence/testing/legacy/legacy-client'
import { freePort } from '@midsentence/testing/legacy/python-server'
import { expect, test, vi } from 'vitest'
import { legacyTransport } from './index.ts'

test('joins: a new session, from 0, with the stream open', async () => {
  const server = await fakePythonServer()
  const line = legacyClient(server.url)
  expect(line.links).toEqual([{ state: 'down', reason: 'Not connected yet.' }])
  const welcome = await line.open('Ada')
  expect(welcome).toMatchObject({ cursor: 0, policy: 'hold', resumed: false })
  expect(welcome.session).toMatchObject({ room: 'lobby', sender_id: 'Ada' })
  expect(server.streams).toBe(1)
  expect(line.links.at(-1)).toEqual({ state: 'up' })
  await vi.waitFor(() => expect(line.inbound).toEqual([{ type: 'presence', sender_id: 'Ada', present: true }]))
})

test('what arrives before anybody subscribes is kept', async () => {
  const server = await fakePythonServer()
  const transport = legacyTransport({ url: server.url })
  await transport.open({ room: 'lobby', username: 'Ada' })
  server.say('Bob', 'hi')
  const line = legacyClient(server.url)
  await line.open('Eve')
  server.say('Bob', 'again')
  await vi.waitFor(() => expect(line.lines).toEqual(['Bob: again']))
  const seen: string[] = []
  transport.inbound$.subscribe(item => item.type === 'message' && seen.push(item.message.content))
  await vi.waitFor(() => expect(seen).toEqual(['hi', 'again']))
  await transport.close()
})

test('any name and any path: they are encoded', async () => {
  const server = await fakePythonServer()
  const line = legacyClient(`${server.url}//`)
  await line.open('Ä & b=c/?#')
  expect(server.requests).toEqual(['POST /register Ä & b=c/?#', 'GET /events Ä & b=c/?#'])
})

test('a name that is taken', async () => {
  const server = await fakePythonServer()
  server.queues.set('Ada', [])
  const error = await legacyClient(server.url)
    .open('Ada')
    .catch(error => error)
  expect(error).toMatchObject({ code: 'name-taken' })
  expect(error.message).toMatch(/"Ada" is taken\. Choose another name\. .* reclaim: true/)
  expect(server.queues.has('Ada')).toBe(true)
})

test('a name that is taken, by an own run that crashed: its queue was kept', async () => {
  const server = await fakePythonServer()
  server.queues.set('Ada', [{ sender: 'Bob', content: 'while you were away', timestamp: '' }])
  const line = legacyClient(server.url, { reclaim: true })
  expect(await line.open('Ada')).toMatchObject({ cursor: 0, resumed: false })
  await vi.waitFor(() => expect(line.messages).toMatchObject([{ seq: 1, content: 'while you were away' }]))
})

test('resumed: the name is ours, the numbers go on', async () => {
  const server = await fakePythonServer()
  const session = { session_id: 's', token: 't', room: 'lobby', sender_id: 'Ada', log: 'abcdefghij' }
  server.queues.set('Ada', [{ sender: 'Bob', content: 'x', timestamp: '' }])
  const line = legacyClient(server.url)
  expect(await line.open('Ada', { session, after: 7 })).toEqual({ session, cursor: 7, policy: 'hold', resumed: true })
  await vi.waitFor(() =>
    expect(line.messages).toMatchObject([{ seq: 8, message_id: 'local-abcdefgh-8', local_ids: true }]),
  )
})

test("another's session is no claim to a name", async () => {
  const server = await fakePythonServer()
  server.queues.set('Ada', [])
  const session = { session_id: 's', token: 't', room: 'lobby', sender_id: 'Bob', log: 'abc' }
  await expect(legacyClient(server.url).open('Ada', { session, after: 7 })).rejects.toMatchObject({
    code: 'name-taken',
  })
})

test('one room, and not under the name of the server', async () => {
  const server = await fakePythonServer()
  const other = legacyClient(server.url).transport.open({ room: 'kitchen', username: 'Ada' })
  await expect(other).rejects.toMatchObject({ code: 'room-unavailable' })
  await expect(legacyClient(server.url).open('Server')).rejects.toMatchObject({ code: 'name-taken' })
  expect(server.requests).toEqual([])
})

test('nobody there: a sentence that says what to start, and where', async () => {
  const url = `http://127.0.0.1:${await freePort()}`
  const error = await legacyClient(url)
    .open()
    .catch(error => error)
  expect(isMidsentenceError(error)).toBe(true)
  expect(error.code).toBe('unavailable')
  expect(error.message).toContain(`No chat server answers at ${url}. Start it there (python3 server.py`)
  expect(error.data).toEqual({})
})

test.each([
  ['/register', { status: 404 }, 'unavailable', /is not the existing Python chat server/],
  ['/register', { status: 200, body: '<html>' }, 'unavailable', /is not the existing Python chat server/],
  ['/register', { status: 200, body: '{"success":1}' }, 'unavailable', /is not the existing Python chat server/],
  ['/register', { status: 301 }, 'unavailable', /is not the existing Python chat server/],
  ['/register', { status: 503 }, 'unavailable', /cannot accept you now/],
  ['/register', { status: 422 }, 'invalid-params', /does not accept the name "Ada"/],
  ['/register', 'drop', 'unavailable', /No chat server answers at/],
  ['/register', 'hang', 'unavailable', /No chat server answers at/],
  ['/events', { status: 404 }, 'unavailable', /gives no messages: the server answered 404/],
  [
    '/events',
    { status: 200, type: 'text/html' },
    'unavailable',
    /gives no messages: the server answered with text\/html/,
  ],
  ['/events', 'drop', 'unavailable', /gives no messages: the connection failed/],
  ['/events', 'hang', 'unavailable', /gives no messages: its event stream did not open in time/],
] as const)('within 5 seconds and with reason: %s %o', async (path, fault, code, sentence) => {
  const server = await fakePythonServer()
  server.failAlways(path, fault)
  const clock = virtualClock()
  const line = legacyClient(server.url, { clock })
  const opening = line.open().catch(error => error)
  if (fault === 'hang') await vi.waitFor(() => expect(server.requests.at(-1)).toContain(path))
  else if (path === '/events') await vi.waitFor(() => expect(line.links.length).toBeGreaterThan(1))
  if (fault === 'hang' || path === '/events') await clock.advance(4999)
  expect(await opening).toMatchObject({ code, message: expect.stringMatching(sentence) })
  if (path === '/events') await vi.waitFor(() => expect(server.queues.has('Ada')).toBe(false))
})

test('a stream that does not come at once still does in time', async () => {
  const server = await fakePythonServer()
  server.failNext('/events', { status: 500 }, { status: 503 }, 'drop')
  await legacyClient(server.url).open()
  expect(server.streams).toBe(1)
})

test('a fetch of the caller', async () => {
  const server = await fakePythonServer()
  const line = legacyClient(server.url, { fetch: globalThis.fetch })
  await line.open()
  expect(await line.publish('hello')).toMatchObject({ sent: true, seq: 1 })
  server.breakStreams()
  await vi.waitFor(() => expect(line.links.slice(2)).toMatchObject([{ state: 'down' }, { state: 'up' }]))
  await line.transport.close()
  expect(server.queues.size).toBe(0)
})

test('misuse is a TypeError', async () => {
  expect(() => legacyTransport({ url: 'nowhere' })).toThrow(TypeError)
  expect(() => legacyTransport({ url: 'ftp://a' })).toThrow(TypeError)
  const server = await fakePythonServer()
  const line = legacyClient(server.url)
  await line.open()
  await expect(line.open()).rejects.toBeInstanceOf(TypeError)
})

test('close leaves: the name is free, the streams complete, nothing follows', async () => {
  const server = await fakePythonServer()
  const line = legacyClient(server.url)
  await line.open()
  let completed = 0
  line.transport.inbound$.subscribe({ complete: () => completed++ })
  line.transport.link$.subscribe({ complete: () => completed++ })
  const closing = line.transport.close()
  expect(line.transport.close()).toBe(closing)
  await closing
  expect(completed).toBe(2)
  expect([...server.queues.keys()]).toEqual([])
  await vi.waitFor(() => expect(server.streams).toBe(0))
  await expect(line.publish('x')).rejects.toMatchObject({ code: 'session-unknown' })
  line.transport.resume(0)
  line.transport.yield()
})

test('close before open, and while it is under way', async () => {
  const server = await fakePythonServer()
  const before = legacyClient(server.url)
  await before.transport.close()
  await expect(before.open()).rejects.toMatchObject({ code: 'session-unknown' })
  expect(server.requests).toEqual([])
  const during = legacyClient(server.url)
  const opening = during.open('Eve').catch(error => error)
  await during.transport.close()
  expect(await opening).toMatchObject({ code: 'session-unknown' })
  expect(server.requests).toEqual(['POST /register Eve', 'POST /unregister Eve'])
})

test('close while opening never gives back the name of somebody else', async () => {
  const server = await fakePythonServer()
  server.queues.set('Ada', [])
  const line = legacyClient(server.url)
  const opening = line.open('Ada')
  await Promise.all([line.transport.close(), expect(opening).rejects.toMatchObject({ code: 'name-taken' })])
  expect(server.queues.has('Ada')).toBe(true)
})

test('close is bounded where the server does not answer', async () => {
  const server = await fakePythonServer()
  const clock = virtualClock()
  const line = legacyClient(server.url, { clock })
  await line.open()
  server.failAlways('/unregister', 'hang')
  const closing = line.transport.close()
  await vi.waitFor(() => expect(server.requests.at(-1)).toBe('POST /unregister Ada'))
  await clock.advance(2000)
  await closing
})
