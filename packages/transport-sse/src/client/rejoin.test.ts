import { fakeSseServer } from '@midsentence/testing/sse/fake-sse-server'
import { sseTestClient } from '@midsentence/testing/sse/sse-client'
import { expect, test, vi } from 'vitest'

const joined = async (
  options: Parameters<typeof sseTestClient>[1] = { secret: 'a secret of sixteen bytes or more' },
) => {
  const server = await fakeSseServer()
  const client = sseTestClient(server.url, options)
  const joinResult = await client.open('Ada')
  return { server, client, joinResult }
}

const isUp = (client: ReturnType<typeof sseTestClient>) =>
  vi.waitFor(() => expect(client.links.at(-1)).toEqual({ state: 'up' }))

const rejoinsOf = (client: ReturnType<typeof sseTestClient>) =>
  client.inbound.flatMap(item => (item.type === 'rejoined' ? [item.welcome] : []))

test('[A6] after a restart with another log, the client joins again with the same secret and emits rejoined', async () => {
  const { server, client, joinResult } = await joined()
  server.say('Bob', 'old')
  await vi.waitFor(() => expect(client.lines).toEqual(['Bob: old']))
  server.restart('log 2')
  await vi.waitFor(() => expect(rejoinsOf(client)).toHaveLength(1))
  const [rejoined] = rejoinsOf(client)
  expect(rejoined).toMatchObject({ resumed: false, cursor: 0, session: { log: 'log 2', sender_id: 'Ada' } })
  expect(rejoined?.session.session_id).toBeDefined()
  expect(new Set(server.requests.filter(request => request.startsWith('join'))).size).toBe(1)
  expect(rejoined?.session).toMatchObject({ secret: expect.any(String) })
  expect(rejoined?.session).not.toEqual(joinResult.session)
  await isUp(client)
  expect(client.links).toContainEqual({ state: 'down', reason: expect.stringMatching(/does not know you any more/) })
  server.say('Bob', 'new')
  await vi.waitFor(() => expect(client.messages.at(-1)).toMatchObject({ seq: 1, content: 'new' }))
  expect(await client.publish('here', { base: 1 })).toMatchObject({ sent: true, seq: 2 })
})

test('after its session expired, the client joins again and emits rejoined', async () => {
  const { server, client } = await joined()
  server.say('Bob', 'one')
  server.room.sessions.clear()
  server.endStreams()
  await vi.waitFor(() => expect(rejoinsOf(client)).toMatchObject([{ resumed: false, cursor: 1 }]))
  await isUp(client)
})

test('a stream rejected for an existing session reconnects without rejoined', async () => {
  const { server, client } = await joined()
  server.failNext('events', { status: 401 })
  server.breakStreams()
  await vi.waitFor(() => expect(client.links.length).toBeGreaterThan(3))
  await isUp(client)
  expect(rejoinsOf(client)).toEqual([])
  expect(server.count('join')).toBe(1)
})

test('a new token of the same session emits rejoined, and the stream continues', async () => {
  const { server, client, joinResult } = await joined()
  server.say('Bob', 'one')
  await vi.waitFor(() => expect(client.lines).toEqual(['Bob: one']))
  const session = server.room.sessions.get(joinResult.session.token)!
  server.room.sessions.clear()
  server.room.sessions.set('fresh', { ...session, token: 'fresh' })
  server.room.add('Bob', 'meanwhile', 0)
  server.endStreams()
  await vi.waitFor(() => expect(client.lines).toEqual(['Bob: one', 'Bob: meanwhile']))
  expect(rejoinsOf(client)).toMatchObject([{ resumed: true, cursor: 1, session: { token: 'fresh' } }])
})

test('a stream of another log makes the client resume its session', async () => {
  const { server, client } = await joined()
  server.failNext('events', {
    status: 200,
    type: 'text/event-stream',
    body: 'event: welcome\ndata: {"log":"log 9","cursor":0}\n\n',
  })
  server.breakStreams()
  await vi.waitFor(() => expect(server.count('resume')).toBe(1))
  await isUp(client)
})

test('a name taken in between ends the link and gives the reason', async () => {
  const { server, client } = await joined()
  server.restart('log 2')
  await sseTestClient(server.url).open('Ada')
  await vi.waitFor(() =>
    expect(client.links.at(-1)).toEqual({
      state: 'lost',
      reason: 'You cannot come back into the room. The name Ada is taken. Choose another.',
    }),
  )
  await expect(client.publish('x')).rejects.toMatchObject({ code: 'session-unknown' })
  client.transport.resume(0)
  client.transport.yield()
  const { length } = server.requests
  await client.transport.close()
  expect(server.requests.slice(length).filter(request => request.startsWith('events'))).toEqual([])
})

test('a failed rejoin is repeated', async () => {
  const { server, client } = await joined()
  server.failNext('resume', { status: 503 }, { error: { code: -32603, message: 'Odd.' } }, 'drop')
  server.restart('log 2')
  await vi.waitFor(() => expect(rejoinsOf(client)).toHaveLength(1))
  await isUp(client)
})

test('after a 404 the link ends if the server knows the session, else the client retries', async () => {
  const { server, client } = await joined()
  server.failAlways('resume', { status: 404, type: 'text/html' })
  server.failAlways('events', { status: 404, type: 'text/html' })
  server.breakStreams()
  await vi.waitFor(() => expect(server.count('resume')).toBeGreaterThan(2))
  expect(client.links.at(-1)).toMatchObject({ state: 'down', reason: expect.stringContaining('404') })
  server.failAlways('resume', undefined)
  await vi.waitFor(() =>
    expect(client.links.at(-1)).toMatchObject({
      state: 'lost',
      reason: expect.stringMatching(/no events of room lobby/),
    }),
  )
})

test('after a 400 of a truncated log, the client continues at the server cursor', async () => {
  const { server, client } = await joined()
  for (const text of ['one', 'two', 'three']) server.say('Bob', text)
  await vi.waitFor(() => expect(client.lines).toHaveLength(3))
  server.room.messages.length = 1
  server.endStreams()
  await vi.waitFor(() => expect(rejoinsOf(client)).toMatchObject([{ resumed: false, cursor: 1 }]))
  await isUp(client)
  server.say('Bob', 'another two')
  await vi.waitFor(() => expect(client.messages.at(-1)).toMatchObject({ seq: 2, content: 'another two' }))
})

test('[V3] a 400 for a cursor that the server gave ends the link', async () => {
  const { server, client } = await joined()
  server.failAlways('events', { status: 400 })
  server.breakStreams()
  await vi.waitFor(() =>
    expect(client.links.at(-1)).toMatchObject({ state: 'lost', reason: expect.stringMatching(/rejects the cursor/) }),
  )
})

test('repeated 401 answers are retried with backoff', async () => {
  const { server, client } = await joined({ random: () => 1, backoff: { minMs: 20, maxMs: 20 } })
  server.failAlways('events', { status: 401 })
  server.breakStreams()
  const before = performance.now()
  await vi.waitFor(() => expect(server.count('events')).toBeGreaterThan(6))
  expect(performance.now() - before).toBeGreaterThan(80)
  server.failAlways('events', undefined)
  await isUp(client)
})
