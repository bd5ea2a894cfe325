import { fakePythonServer } from '@midsentence/testing/legacy/fake-python-server'
import { legacyClient } from '@midsentence/testing/legacy/legacy-client'
import { expect, test, vi } from 'vitest'

const joined = async (options?: Parameters<typeof legacyClient>[1]) => {
  const server = await fakePythonServer()
  const client = legacyClient(server.url, options)
  await client.open('Ada')
  return { server, client }
}

const sends = (requests: readonly string[]) => requests.filter(request => request.startsWith('POST /send'))

test('the echo gives the verdict its seq and its crossed messages', async () => {
  const { server, client } = await joined()
  server.say('Bob', 'one')
  server.say('Bob', 'two')
  await vi.waitFor(() => expect(client.messages).toHaveLength(2))
  const verdict = await client.publish('three', { base: 1 })
  const { message_id, timestamp } = client.messages[2]!
  expect(verdict).toEqual({ sent: true, message_id, timestamp, seq: 3, durability: 'unknown', crossed: [2] })
  expect(client.lines).toEqual(['Bob: one', 'Bob: two', 'Ada: three'])
})

test('messages before the echo were crossed, messages after it were not', async () => {
  const { server, client } = await joined()
  server.pollsAlways = false
  server.say('Bob', 'before')
  const sent = client.publish('mine')
  await vi.waitFor(() => expect(sends(server.requests)).toHaveLength(1))
  server.say('Bob', 'after')
  server.poll()
  expect(await sent).toMatchObject({ seq: 2, crossed: [1] })
  expect(client.messages.map(({ seq }) => seq)).toEqual([1, 2, 3])
  expect(await publishedAlone(client)).not.toHaveProperty('crossed')

  async function publishedAlone({ publish }: typeof client) {
    server.pollsAlways = true
    return publish('alone', { base: 3 })
  }
})

test('the same content sent twice gets two seqs', async () => {
  const { client } = await joined()
  expect(await client.publish('again')).toMatchObject({ seq: 1 })
  expect(await client.publish('again', { base: 1 })).toMatchObject({ seq: 2 })
  expect(client.messages).toHaveLength(2)
})

test('own messages sent elsewhere under my name are crossed like any other', async () => {
  const { server, client } = await joined()
  server.say('Ada', 'elsewhere')
  expect(await client.publish('here')).toMatchObject({ seq: 2, crossed: [1] })
})

test('a publish without a stream waits for its echo', async () => {
  const { server, client } = await joined()
  server.failAlways('/events', { status: 503 })
  server.breakStreams()
  await vi.waitFor(() => expect(client.links.at(-1)).toMatchObject({ state: 'down' }))
  const sent = client.publish('hello')
  await vi.waitFor(() => expect(server.queues.get('Ada')).toHaveLength(1))
  server.failAlways('/events', undefined)
  expect(await sent).toMatchObject({ sent: true, seq: 1 })
})

test('an accepted publish without an echo counts as sent, and a late echo is dropped', async () => {
  const { server, client } = await joined({ echoTimeoutMs: 100 })
  server.dropsEchoes = true
  server.say('Bob', 'one')
  await vi.waitFor(() => expect(client.messages).toHaveLength(1))
  expect(await client.publish('mine')).toMatchObject({ sent: true, seq: 2, crossed: [1] })
  server.dropsEchoes = false
  server.say('Ada', 'mine')
  server.say('Bob', 'two')
  await vi.waitFor(() => expect(client.lines).toEqual(['Bob: one', 'Ada: mine', 'Bob: two']))
  expect(client.messages.map(({ seq }) => seq)).toEqual([1, 2, 3])
})

test.each(['lose-answer', 'hang'] as const)('after %s the echo proves that the message was sent', async fault => {
  const { server, client } = await joined({ echoTimeoutMs: 2000 })
  server.failNext('/send', fault)
  expect(await client.publish('hello')).toMatchObject({ sent: true, seq: 1 })
})

test.each(['drop', 'hang', { status: 500 }, { status: 200, body: 'what?' }] as const)(
  'without echo and answer (%o) the outcome is unknown, and nothing is sent twice',
  async fault => {
    const { server, client } = await joined({ echoTimeoutMs: 100 })
    server.dropsEchoes = true
    server.failNext('/send', fault)
    const error = await client.publish('hello').catch(error => error)
    expect(error).toMatchObject({ code: 'unavailable', data: { unknown: true } })
    expect(error.message).toMatch(/^It is not certain whether your message was sent: .* Your draft is kept\./)
    expect(sends(server.requests)).toHaveLength(1)
    expect(client.messages).toEqual([])
    // A late echo is delivered: it proves that the message was sent.
    server.dropsEchoes = false
    server.say('Ada', 'hello')
    await vi.waitFor(() => expect(client.lines).toEqual(['Ada: hello']))
  },
)

test('a retry sends nothing and finds an echo that came in between', async () => {
  const { server, client } = await joined({ echoTimeoutMs: 100 })
  server.say('Bob', 'one')
  server.say('Ada', 'hello')
  await vi.waitFor(() => expect(client.messages).toHaveLength(2))
  expect(await client.publish('hello', { isRetry: true })).toMatchObject({ sent: true, seq: 2, crossed: [1] })
  // An echo answers only one retry.
  await expect(client.publish('hello', { isRetry: true })).rejects.toMatchObject({ data: { unknown: true } })
  expect(sends(server.requests)).toEqual([])
})

test('a retry waits for an echo from the kept queue', async () => {
  const server = await fakePythonServer()
  server.queues.set('Ada', [])
  server.pollsAlways = false
  const client = legacyClient(server.url)
  const session = { session_id: 's', token: '', room: 'lobby', sender_id: 'Ada', log: 'abc' }
  await client.open('Ada', { session, after: 4 })
  const retry = client.publish('sent before the crash', { isRetry: true, base: 3 })
  server.say('Ada', 'sent before the crash')
  server.poll()
  expect(await retry).toMatchObject({ sent: true, seq: 5 })
  expect(sends(server.requests)).toEqual([])
})

test('after a 404 the client registers again and sends once more', async () => {
  const { server, client } = await joined()
  server.queues.clear()
  expect(await client.publish('hello')).toMatchObject({ sent: true, seq: 1 })
  expect(sends(server.requests)).toHaveLength(2)
  expect(client.lines).toEqual(['Ada: hello'])
})

test('after a 404 an echoed message is not sent again', async () => {
  const { server, client } = await joined()
  server.failAlways('/register', 'hang')
  server.failNext('/send', { status: 404 })
  const sent = client.publish('hello')
  await vi.waitFor(() => expect(server.requests.filter(request => request === 'POST /register Ada')).toHaveLength(2))
  server.say('Ada', 'hello')
  expect(await sent).toMatchObject({ sent: true, seq: 1 })
  await client.transport.close()
  expect(sends(server.requests)).toHaveLength(1)
})

test('after two 404 answers, or a failed registration, the message is reported as not sent', async () => {
  const { server, client } = await joined()
  server.failAlways('/send', { status: 404 })
  await expect(client.publish('a')).rejects.toMatchObject({ code: 'unavailable', data: {} })
  server.failAlways('/register', { status: 503 })
  await expect(client.publish('a')).rejects.toMatchObject({ code: 'unavailable', data: {} })
  expect(sends(server.requests)).toHaveLength(3)
})

test.each([
  [{ status: 503 }, 'unavailable', /not sent: the chat server is shutting down/],
  [{ status: 422 }, 'invalid-params', /the server refused it \(422\)/],
  [{ status: 429 }, 'rate-limited', /limits its rate/],
] as const)('a refusal with %o is reported as not sent', async (fault, code, sentence) => {
  const { server, client } = await joined()
  server.failNext('/send', fault)
  const error = await client.publish('a').catch(error => error)
  expect(error).toMatchObject({ code, data: {}, message: expect.stringMatching(sentence) })
  expect(error.message).toContain('Your draft is kept')
  expect(await client.publish('b')).toMatchObject({ sent: true })
})

test('without a server, a publish is reported as not sent', async () => {
  const { server, client } = await joined()
  await server.stop()
  const error = await client.publish('a').catch(error => error)
  expect(error).toMatchObject({ code: 'unavailable', data: {}, message: expect.stringContaining('was not sent') })
})

test('after a server restart the client registers again and can publish', async () => {
  const { server, client } = await joined()
  await server.stop()
  await expect(client.publish('a')).rejects.toMatchObject({ code: 'unavailable' })
  const next = await fakePythonServer(Number(new URL(client.url).port))
  await vi.waitFor(() => expect(client.links.at(-1)).toEqual({ state: 'up' }))
  expect(await client.publish('b')).toMatchObject({ sent: true, seq: 1 })
  expect(next.queues.has('Ada')).toBe(true)
})

test.each(['hang', 'accepted'] as const)('close during a publish (%s) rejects it and unregisters', async how => {
  const { server, client } = await joined()
  server.dropsEchoes = true
  if (how === 'hang') server.failNext('/send', 'hang')
  const sent = client.publish('a')
  await vi.waitFor(() => expect(sends(server.requests)).toHaveLength(1))
  await Promise.all([expect(sent).rejects.toMatchObject({ code: 'session-unknown' }), client.transport.close()])
  expect(server.queues.has('Ada')).toBe(false)
})

test('a second publish is a TypeError, and one before open is rejected', async () => {
  const { client } = await joined()
  const first = client.publish('a')
  await expect(client.publish('b')).rejects.toBeInstanceOf(TypeError)
  await first
  await expect(legacyClient('http://127.0.0.1:9').publish('a')).rejects.toMatchObject({ code: 'session-unknown' })
})
