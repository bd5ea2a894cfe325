import { fakePythonServer } from '@midsentence/testing/legacy/fake-python-server'
import { legacyClient } from '@midsentence/testing/legacy/legacy-client'
import { expect, test, vi } from 'vitest'

const joined = async (options?: Parameters<typeof legacyClient>[1]) => {
  const server = await fakePythonServer()
  const line = legacyClient(server.url, options)
  await line.open('Ada')
  return { server, line }
}

const sends = (requests: readonly string[]) => requests.filter(request => request.startsWith('POST /send'))

test('the echo is the receipt and the place, and is in the order', async () => {
  const { server, line } = await joined()
  server.say('Bob', 'one')
  server.say('Bob', 'two')
  await vi.waitFor(() => expect(line.messages).toHaveLength(2))
  const verdict = await line.publish('three', { base: 1 })
  const { message_id, timestamp } = line.messages[2]!
  expect(verdict).toEqual({ sent: true, message_id, timestamp, seq: 3, durability: 'unknown', crossed: [2] })
  expect(line.lines).toEqual(['Bob: one', 'Bob: two', 'Ada: three'])
})

test('what came before the echo was crossed, what came behind it was not', async () => {
  const { server, line } = await joined()
  server.pollsAlways = false
  server.say('Bob', 'before')
  const sent = line.publish('mine')
  await vi.waitFor(() => expect(sends(server.requests)).toHaveLength(1))
  server.say('Bob', 'behind')
  server.poll()
  expect(await sent).toMatchObject({ seq: 2, crossed: [1] })
  expect(line.messages.map(({ seq }) => seq)).toEqual([1, 2, 3])
  expect(await publishedAlone(line)).not.toHaveProperty('crossed')

  async function publishedAlone({ publish }: typeof line) {
    server.pollsAlways = true
    return publish('alone', { base: 3 })
  }
})

test('the same content twice: two messages, two receipts', async () => {
  const { line } = await joined()
  expect(await line.publish('again')).toMatchObject({ seq: 1 })
  expect(await line.publish('again', { base: 1 })).toMatchObject({ seq: 2 })
  expect(line.messages).toHaveLength(2)
})

test('own messages sent elsewhere under my name are crossed like any other', async () => {
  const { server, line } = await joined()
  server.say('Ada', 'elsewhere')
  expect(await line.publish('here')).toMatchObject({ seq: 2, crossed: [1] })
})

test('the stream is down while it is sent: the echo is waited for', async () => {
  const { server, line } = await joined()
  server.failAlways('/events', { status: 503 })
  server.breakStreams()
  await vi.waitFor(() => expect(line.links.at(-1)).toMatchObject({ state: 'down' }))
  const sent = line.publish('hello')
  await vi.waitFor(() => expect(server.queues.get('Ada')).toHaveLength(1))
  server.failAlways('/events', undefined)
  expect(await sent).toMatchObject({ sent: true, seq: 1 })
})

test('accepted, but the echo does not come: sent all the same, and a late echo is swallowed without a gap', async () => {
  const { server, line } = await joined({ echoTimeoutMs: 100 })
  server.dropsEchoes = true
  server.say('Bob', 'one')
  await vi.waitFor(() => expect(line.messages).toHaveLength(1))
  expect(await line.publish('mine')).toMatchObject({ sent: true, seq: 2, crossed: [1] })
  server.dropsEchoes = false
  server.say('Ada', 'mine')
  server.say('Bob', 'two')
  await vi.waitFor(() => expect(line.lines).toEqual(['Bob: one', 'Ada: mine', 'Bob: two']))
  expect(line.messages.map(({ seq }) => seq)).toEqual([1, 2, 3])
})

test.each(['lose-answer', 'hang'] as const)('%s: the echo says that it was sent', async fault => {
  const { server, line } = await joined({ echoTimeoutMs: 2000 })
  server.failNext('/send', fault)
  expect(await line.publish('hello')).toMatchObject({ sent: true, seq: 1 })
})

test.each(['drop', 'hang', { status: 500 }, { status: 200, body: 'what?' }] as const)(
  'no echo and no answer (%o): not certain, never sent twice',
  async fault => {
    const { server, line } = await joined({ echoTimeoutMs: 100 })
    server.dropsEchoes = true
    server.failNext('/send', fault)
    const error = await line.publish('hello').catch(error => error)
    expect(error).toMatchObject({ code: 'unavailable', data: { unknown: true } })
    expect(error.message).toMatch(/^It is not certain whether your message was sent: .* Your draft is kept\./)
    expect(sends(server.requests)).toHaveLength(1)
    expect(line.messages).toEqual([])
    // The echo that comes after all is shown: it says that the message was sent.
    server.dropsEchoes = false
    server.say('Ada', 'hello')
    await vi.waitFor(() => expect(line.lines).toEqual(['Ada: hello']))
  },
)

test('again: sends nothing, and finds what came back meanwhile', async () => {
  const { server, line } = await joined({ echoTimeoutMs: 100 })
  server.say('Bob', 'one')
  server.say('Ada', 'hello')
  await vi.waitFor(() => expect(line.messages).toHaveLength(2))
  expect(await line.publish('hello', { isRetry: true })).toMatchObject({ sent: true, seq: 2, crossed: [1] })
  // It is a receipt once.
  await expect(line.publish('hello', { isRetry: true })).rejects.toMatchObject({ data: { unknown: true } })
  expect(sends(server.requests)).toEqual([])
})

test('again: waits for it to come back, from the queue that was kept', async () => {
  const server = await fakePythonServer()
  server.queues.set('Ada', [])
  server.pollsAlways = false
  const line = legacyClient(server.url)
  const session = { session_id: 's', token: '', room: 'lobby', sender_id: 'Ada', log: 'abc' }
  await line.open('Ada', { session, after: 4 })
  const asked = line.publish('sent before the crash', { isRetry: true, base: 3 })
  server.say('Ada', 'sent before the crash')
  server.poll()
  expect(await asked).toMatchObject({ sent: true, seq: 5 })
  expect(sends(server.requests)).toEqual([])
})

test('404, the server has forgotten the name: registered again and sent once more', async () => {
  const { server, line } = await joined()
  server.queues.clear()
  expect(await line.publish('hello')).toMatchObject({ sent: true, seq: 1 })
  expect(sends(server.requests)).toHaveLength(2)
  expect(line.lines).toEqual(['Ada: hello'])
})

test('404 behind an echo: what came back is not sent once more', async () => {
  const { server, line } = await joined()
  server.failAlways('/register', 'hang')
  server.failNext('/send', { status: 404 })
  const sent = line.publish('hello')
  await vi.waitFor(() => expect(server.requests.filter(request => request === 'POST /register Ada')).toHaveLength(2))
  server.say('Ada', 'hello')
  expect(await sent).toMatchObject({ sent: true, seq: 1 })
  await line.transport.close()
  expect(sends(server.requests)).toHaveLength(1)
})

test('404 twice, or no way back in: certainly not sent', async () => {
  const { server, line } = await joined()
  server.failAlways('/send', { status: 404 })
  await expect(line.publish('a')).rejects.toMatchObject({ code: 'unavailable', data: {} })
  server.failAlways('/register', { status: 503 })
  await expect(line.publish('a')).rejects.toMatchObject({ code: 'unavailable', data: {} })
  expect(sends(server.requests)).toHaveLength(3)
})

test.each([
  [{ status: 503 }, 'unavailable', /not sent: the chat server is shutting down/],
  [{ status: 422 }, 'invalid-params', /the server refused it \(422\)/],
  [{ status: 429 }, 'rate-limited', /limits its rate/],
] as const)('refused with %o: certainly not sent', async (fault, code, sentence) => {
  const { server, line } = await joined()
  server.failNext('/send', fault)
  const error = await line.publish('a').catch(error => error)
  expect(error).toMatchObject({ code, data: {}, message: expect.stringMatching(sentence) })
  expect(error.message).toContain('Your draft is kept')
  expect(await line.publish('b')).toMatchObject({ sent: true })
})

test('nobody answers: certainly not sent', async () => {
  const { server, line } = await joined()
  await server.stop()
  const error = await line.publish('a').catch(error => error)
  expect(error).toMatchObject({ code: 'unavailable', data: {}, message: expect.stringContaining('was not sent') })
})

test('a server started anew: all goes on by itself', async () => {
  const { server, line } = await joined()
  await server.stop()
  await expect(line.publish('a')).rejects.toMatchObject({ code: 'unavailable' })
  const next = await fakePythonServer(Number(new URL(line.url).port))
  await vi.waitFor(() => expect(line.links.at(-1)).toEqual({ state: 'up' }))
  expect(await line.publish('b')).toMatchObject({ sent: true, seq: 1 })
  expect(next.queues.has('Ada')).toBe(true)
})

test.each(['hang', 'accepted'] as const)('close during a publish (%s)', async how => {
  const { server, line } = await joined()
  server.dropsEchoes = true
  if (how === 'hang') server.failNext('/send', 'hang')
  const sent = line.publish('a')
  await vi.waitFor(() => expect(sends(server.requests)).toHaveLength(1))
  await Promise.all([expect(sent).rejects.toMatchObject({ code: 'session-unknown' }), line.transport.close()])
  expect(server.queues.has('Ada')).toBe(false)
})

test('one publish at a time; none before open', async () => {
  const { line } = await joined()
  const first = line.publish('a')
  await expect(line.publish('b')).rejects.toBeInstanceOf(TypeError)
  await first
  await expect(legacyClient('http://127.0.0.1:9').publish('a')).rejects.toMatchObject({ code: 'session-unknown' })
})
