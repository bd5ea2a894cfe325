import { fakeSseServer } from '@midsentence/testing/sse/fake-sse-server'
import { sseTestClient } from '@midsentence/testing/sse/sse-client'
import { expect, test, vi } from 'vitest'

const joined = async (
  options: Parameters<typeof sseTestClient>[1] = { secret: 'a secret of sixteen bytes or more' },
) => {
  const server = await fakeSseServer()
  const line = sseTestClient(server.url, options)
  const welcome = await line.open('Ada')
  return { server, line, welcome }
}

const isUp = (line: ReturnType<typeof sseTestClient>) =>
  vi.waitFor(() => expect(line.links.at(-1)).toEqual({ state: 'up' }))

const rejoinsOf = (line: ReturnType<typeof sseTestClient>) =>
  line.inbound.flatMap(item => (item.type === 'rejoined' ? [item.welcome] : []))

test('[A6] a server started anew, with another log: joined again, with the same secret, and said', async () => {
  const { server, line, welcome } = await joined()
  server.say('Bob', 'old')
  await vi.waitFor(() => expect(line.lines).toEqual(['Bob: old']))
  server.restart('log 2')
  await vi.waitFor(() => expect(rejoinsOf(line)).toHaveLength(1))
  const [again] = rejoinsOf(line)
  expect(again).toMatchObject({ resumed: false, cursor: 0, session: { log: 'log 2', sender_id: 'Ada' } })
  expect(again?.session.session_id).toBeDefined()
  expect(new Set(server.requests.filter(request => request.startsWith('join'))).size).toBe(1)
  expect(again?.session).toMatchObject({ secret: expect.any(String) })
  expect(again?.session).not.toEqual(welcome.session)
  await isUp(line)
  expect(line.links).toContainEqual({ state: 'down', reason: expect.stringMatching(/does not know you any more/) })
  server.say('Bob', 'new')
  await vi.waitFor(() => expect(line.messages.at(-1)).toMatchObject({ seq: 1, content: 'new' }))
  expect(await line.publish('here', { base: 1 })).toMatchObject({ sent: true, seq: 2 })
})

test('a session that lapsed in the same log: another one', async () => {
  const { server, line } = await joined()
  server.say('Bob', 'one')
  server.room.sessions.clear()
  server.endStreams()
  await vi.waitFor(() => expect(rejoinsOf(line)).toMatchObject([{ resumed: false, cursor: 1 }]))
  await isUp(line)
})

test('a stream that is refused though the session is there: it goes on without a word', async () => {
  const { server, line } = await joined()
  server.failNext('events', { status: 401 })
  server.breakStreams()
  await vi.waitFor(() => expect(line.links.length).toBeGreaterThan(3))
  await isUp(line)
  expect(rejoinsOf(line)).toEqual([])
  expect(server.count('join')).toBe(1)
})

test('a new token for the same session is told, and reading goes on', async () => {
  const { server, line, welcome } = await joined()
  server.say('Bob', 'one')
  await vi.waitFor(() => expect(line.lines).toEqual(['Bob: one']))
  const seat = server.room.sessions.get(welcome.session.token)!
  server.room.sessions.clear()
  server.room.sessions.set('fresh', { ...seat, token: 'fresh' })
  server.room.add('Bob', 'meanwhile', 0)
  server.endStreams()
  await vi.waitFor(() => expect(line.lines).toEqual(['Bob: one', 'Bob: meanwhile']))
  expect(rejoinsOf(line)).toMatchObject([{ resumed: true, cursor: 1, session: { token: 'fresh' } }])
})

test('a stream of another log than the session: asked who one is', async () => {
  const { server, line } = await joined()
  server.failNext('events', {
    status: 200,
    type: 'text/event-stream',
    body: 'event: welcome\ndata: {"log":"log 9","cursor":0}\n\n',
  })
  server.breakStreams()
  await vi.waitFor(() => expect(server.count('resume')).toBe(1))
  await isUp(line)
})

test('the name is taken meanwhile: lost, and said', async () => {
  const { server, line } = await joined()
  server.restart('log 2')
  await sseTestClient(server.url).open('Ada')
  await vi.waitFor(() =>
    expect(line.links.at(-1)).toEqual({
      state: 'lost',
      reason: 'You cannot come back into the room. The name Ada is taken. Choose another.',
    }),
  )
  await expect(line.publish('x')).rejects.toMatchObject({ code: 'session-unknown' })
  line.transport.resume(0)
  line.transport.yield()
  const { length } = server.requests
  await line.transport.close()
  expect(server.requests.slice(length).filter(request => request.startsWith('events'))).toEqual([])
})

test('a server that cannot take one back just now is asked again', async () => {
  const { server, line } = await joined()
  server.failNext('resume', { status: 503 }, { error: { code: -32603, message: 'Odd.' } }, 'drop')
  server.restart('log 2')
  await vi.waitFor(() => expect(rejoinsOf(line)).toHaveLength(1))
  await isUp(line)
})

test('404: lost where the server knows the session, tried again where something else answers', async () => {
  const { server, line } = await joined()
  server.failAlways('resume', { status: 404, type: 'text/html' })
  server.failAlways('events', { status: 404, type: 'text/html' })
  server.breakStreams()
  await vi.waitFor(() => expect(server.count('resume')).toBeGreaterThan(2))
  expect(line.links.at(-1)).toMatchObject({ state: 'down', reason: expect.stringContaining('404') })
  server.failAlways('resume', undefined)
  await vi.waitFor(() =>
    expect(line.links.at(-1)).toMatchObject({
      state: 'lost',
      reason: expect.stringMatching(/no events of room lobby/),
    }),
  )
})

test('400: a log that lost its end begins anew behind it', async () => {
  const { server, line } = await joined()
  for (const text of ['one', 'two', 'three']) server.say('Bob', text)
  await vi.waitFor(() => expect(line.lines).toHaveLength(3))
  server.room.messages.length = 1
  server.endStreams()
  await vi.waitFor(() => expect(rejoinsOf(line)).toMatchObject([{ resumed: false, cursor: 1 }]))
  await isUp(line)
  server.say('Bob', 'another two')
  await vi.waitFor(() => expect(line.messages.at(-1)).toMatchObject({ seq: 2, content: 'another two' }))
})

test('[V3] 400 for the place that the server itself gave: lost', async () => {
  const { server, line } = await joined()
  server.failAlways('events', { status: 400 })
  server.breakStreams()
  await vi.waitFor(() =>
    expect(line.links.at(-1)).toMatchObject({ state: 'lost', reason: expect.stringMatching(/rejects the cursor/) }),
  )
})

test('401 over and over is no storm', async () => {
  const { server, line } = await joined({ random: () => 1, backoff: { minMs: 20, maxMs: 20 } })
  server.failAlways('events', { status: 401 })
  server.breakStreams()
  const before = performance.now()
  await vi.waitFor(() => expect(server.count('events')).toBeGreaterThan(6))
  expect(performance.now() - before).toBeGreaterThan(80)
  server.failAlways('events', undefined)
  await isUp(line)
})
