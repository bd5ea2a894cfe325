import { isMidsentenceError, virtualClock } from '@midsentence/core'
import { fakePythonServer } from '@midsentence/testing/legacy/fake-python-server'
import { legacyClient } from '@midsentence/testing/legacy/legacy-client'
import { freePort } from '@midsentence/testing/legacy/python-server'
import { expect, test, vi } from 'vitest'
import { legacyTransport } from './index.ts'

test('open joins with a new session and cursor 0', async () => {
  const server = await fakePythonServer()
  const client = legacyClient(server.url)
  expect(client.links).toEqual([{ state: 'down', reason: 'Not connected yet.' }])
  const result = await client.open('Ada')
  expect(result).toMatchObject({ cursor: 0, policy: 'hold', resumed: false })
  expect(result.session).toMatchObject({ room: 'lobby', sender_id: 'Ada' })
  expect(server.streams).toBe(1)
  expect(client.links.at(-1)).toEqual({ state: 'up' })
  await vi.waitFor(() => expect(client.inbound).toEqual([{ type: 'presence', sender_id: 'Ada', present: true }]))
})

test('messages before the first subscriber are buffered', async () => {
  const server = await fakePythonServer()
  const transport = legacyTransport({ url: server.url })
  await transport.open({ room: 'lobby', username: 'Ada' })
  server.say('Bob', 'hi')
  const client = legacyClient(server.url)
  await client.open('Eve')
  server.say('Bob', 'again')
  await vi.waitFor(() => expect(client.lines).toEqual(['Bob: again']))
  const seen: string[] = []
  transport.inbound$.subscribe(item => item.type === 'message' && seen.push(item.message.content))
  await vi.waitFor(() => expect(seen).toEqual(['hi', 'again']))
  await transport.close()
})

test('names are encoded, and trailing slashes are removed', async () => {
  const server = await fakePythonServer()
  const client = legacyClient(`${server.url}//`)
  await client.open('Ä & b=c/?#')
  expect(server.requests).toEqual(['POST /register Ä & b=c/?#', 'GET /events Ä & b=c/?#'])
})

test('a taken name rejects with name-taken and how to reclaim it', async () => {
  const server = await fakePythonServer()
  server.queues.set('Ada', [])
  const error = await legacyClient(server.url)
    .open('Ada')
    .catch(error => error)
  expect(error).toMatchObject({ code: 'name-taken' })
  expect(error.message).toMatch(/"Ada" is taken\. Choose another name\. .* reclaim: true/)
  expect(server.queues.has('Ada')).toBe(true)
})

test('another room than lobby is refused by the server that has one, and keeps no name there', async () => {
  const server = await fakePythonServer()
  server.queues.set('Ben', [])
  const open = (url: string, username: string, reclaim = false) =>
    legacyTransport({ url, notMidsentence: true, reclaim }).open({ room: 'talks', username })
  await expect(open(server.url, 'Ada')).rejects.toMatchObject({
    code: 'room-unavailable',
    message: 'There is no room "talks": this server has one room only. Join "lobby".',
  })
  expect(server.queues.has('Ada')).toBe(false)
  await expect(open(server.url, 'Ben', true)).rejects.toMatchObject({ code: 'room-unavailable' })
  expect(server.queues.has('Ben')).toBe(true)
  // At a wrong path there is no such server.
  await expect(open(`${server.url}/chat`, 'Ada')).rejects.toMatchObject({
    code: 'unavailable',
    message: expect.stringContaining('Neither a midsentence server nor the Python chat server answers'),
  })
})

test('with reclaim, a taken name is used with its queue', async () => {
  const server = await fakePythonServer()
  server.queues.set('Ada', [{ sender: 'Bob', content: 'while you were away', timestamp: '' }])
  const client = legacyClient(server.url, { reclaim: true })
  expect(await client.open('Ada')).toMatchObject({ cursor: 0, resumed: false })
  await vi.waitFor(() => expect(client.messages).toMatchObject([{ seq: 1, content: 'while you were away' }]))
})

test('open with a session resumes its name and its seqs', async () => {
  const server = await fakePythonServer()
  const session = { session_id: 's', token: 't', room: 'lobby', sender_id: 'Ada', log: 'abcdefghij' }
  server.queues.set('Ada', [{ sender: 'Bob', content: 'x', timestamp: '' }])
  const client = legacyClient(server.url)
  expect(await client.open('Ada', { session, after: 7 })).toEqual({ session, cursor: 7, policy: 'hold', resumed: true })
  await vi.waitFor(() =>
    expect(client.messages).toMatchObject([{ seq: 8, message_id: 'local-abcdefgh-8', local_ids: true }]),
  )
})

test('a session of another name does not resume', async () => {
  const server = await fakePythonServer()
  server.queues.set('Ada', [])
  const session = { session_id: 's', token: 't', room: 'lobby', sender_id: 'Bob', log: 'abc' }
  await expect(legacyClient(server.url).open('Ada', { session, after: 7 })).rejects.toMatchObject({
    code: 'name-taken',
  })
})

test('the name Server is rejected without a request', async () => {
  const server = await fakePythonServer()
  await expect(legacyClient(server.url).open('Server')).rejects.toMatchObject({ code: 'name-taken' })
  expect(server.requests).toEqual([])
})

test('open without a server rejects with what to start, and where', async () => {
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
] as const)('open rejects within 5 seconds and gives the reason: %s %o', async (path, fault, code, sentence) => {
  const server = await fakePythonServer()
  server.failAlways(path, fault)
  const clock = virtualClock()
  const client = legacyClient(server.url, { clock })
  const opening = client.open().catch(error => error)
  if (fault === 'hang') await vi.waitFor(() => expect(server.requests.at(-1)).toContain(path))
  else if (path === '/events') await vi.waitFor(() => expect(client.links.length).toBeGreaterThan(1))
  if (fault === 'hang' || path === '/events') await clock.advance(4999)
  expect(await opening).toMatchObject({ code, message: expect.stringMatching(sentence) })
  if (path === '/events') await vi.waitFor(() => expect(server.queues.has('Ada')).toBe(false))
})

test('open retries a stream that fails at first', async () => {
  const server = await fakePythonServer()
  server.failNext('/events', { status: 500 }, { status: 503 }, 'drop')
  await legacyClient(server.url).open()
  expect(server.streams).toBe(1)
})

test('a given fetch is used for calls and streams', async () => {
  const server = await fakePythonServer()
  const client = legacyClient(server.url, { fetch: globalThis.fetch })
  await client.open()
  expect(await client.publish('hello')).toMatchObject({ sent: true, seq: 1 })
  server.breakStreams()
  await vi.waitFor(() => expect(client.links.slice(2)).toMatchObject([{ state: 'down' }, { state: 'up' }]))
  await client.transport.close()
  expect(server.queues.size).toBe(0)
})

test('misuse is a TypeError', async () => {
  expect(() => legacyTransport({ url: 'nowhere' })).toThrow(TypeError)
  expect(() => legacyTransport({ url: 'ftp://a' })).toThrow(TypeError)
  const server = await fakePythonServer()
  const client = legacyClient(server.url)
  await client.open()
  await expect(client.open()).rejects.toBeInstanceOf(TypeError)
})

test('close frees the name and completes the streams, and nothing follows', async () => {
  const server = await fakePythonServer()
  const client = legacyClient(server.url)
  await client.open()
  let completed = 0
  client.transport.inbound$.subscribe({ complete: () => completed++ })
  client.transport.link$.subscribe({ complete: () => completed++ })
  const closing = client.transport.close()
  expect(client.transport.close()).toBe(closing)
  await closing
  expect(completed).toBe(2)
  expect([...server.queues.keys()]).toEqual([])
  await vi.waitFor(() => expect(server.streams).toBe(0))
  await expect(client.publish('x')).rejects.toMatchObject({ code: 'session-unknown' })
  client.transport.resume(0)
  client.transport.yield()
})

test('close before open sends nothing; close during open unregisters', async () => {
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

test('close during open does not unregister a name of another client', async () => {
  const server = await fakePythonServer()
  server.queues.set('Ada', [])
  const client = legacyClient(server.url)
  const opening = client.open('Ada')
  await Promise.all([client.transport.close(), expect(opening).rejects.toMatchObject({ code: 'name-taken' })])
  expect(server.queues.has('Ada')).toBe(true)
})

test('close waits at most two seconds for unregister', async () => {
  const server = await fakePythonServer()
  const clock = virtualClock()
  const client = legacyClient(server.url, { clock })
  await client.open()
  server.failAlways('/unregister', 'hang')
  const closing = client.transport.close()
  await vi.waitFor(() => expect(server.requests.at(-1)).toBe('POST /unregister Ada'))
  await clock.advance(2000)
  await closing
})
