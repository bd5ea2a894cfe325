import { memorySessions, virtualClock } from '@midsentence/core'
import { type HubOptions, openHub } from '@midsentence/core/hub'
import { byTier } from '@midsentence/testing/tier'
import type { RawSocket } from '@midsentence/testing/ws/raw-socket'
import { serveWs } from '@midsentence/testing/ws/serve-ws'
import { expect, onTestFinished, test, vi } from 'vitest'

/** A hub that is reached only over sockets. */
const rooms = async (options: HubOptions = {}) => {
  const hub = await openHub(options)
  onTestFinished(() => hub.close())
  const served = await serveWs(hub)
  let ids = 0
  const ask = async (socket: RawSocket, method: string, params: object = {}) => {
    const id = ++ids
    await socket
      .call(method, params, id)
      .until(({ received, closed }) => closed || received.some(each => each.id === id))
    return socket.received.find(each => each.id === id)
  }
  const join = async (username: string, more: object = {}) => {
    const socket = served.dial()
    const answer = await ask(socket, 'join', { username, ...more })
    return { socket, token: String(answer?.result?.token), call: ask.bind(undefined, socket) }
  }
  const say = async ({ call }: Awaited<ReturnType<typeof join>>, text: string) => {
    await call('append', { text })
    return (await call('push'))?.result
  }
  return { ...served, hub, ask, join, say }
}
const contents = ({ received }: RawSocket) =>
  received.flatMap(({ method, params }) => (method === 'message' ? [params!.content] : []))
const hasMessages = (count: number) => (socket: RawSocket) => contents(socket).length === count

test('[A12] a socket opens the room that left memory, at its upgrade and by resume', async () => {
  const clock = virtualClock()
  const { hub, join, ask, dial } = await rooms({ clock, sessions: memorySessions() })
  const ada = await join('Ada')
  await ada.call('append', { text: 'kept' })
  const leaveMemory = async () => {
    await vi.waitFor(() => expect(hub.admin?.load()).toMatchObject({ streams: 0 }))
    await clock.advance(150_000)
    expect(hub.admin?.load()).toMatchObject({ rooms: 0, lapsed: 1 })
  }
  ada.socket.socket.destroy()
  await leaveMemory()
  const resumed = dial()
  expect(await ask(resumed, 'resume', { token: ada.token })).toMatchObject({ result: { suffix: 'kept' } })
  resumed.socket.destroy()
  await leaveMemory()
  const upgraded = dial(`/ws?token=${ada.token}`)
  expect(await ask(upgraded, 'preview')).toMatchObject({ result: { draft: 'kept' } })
})

test('a join binds the socket: the answer comes first, then the room', async () => {
  const { hub, join, say } = await rooms()
  const ada = await join('Ada')
  const bob = await join('Bob')
  expect(await say(ada, 'hello')).toMatchObject({ status: 1, seq: 1 })
  await bob.socket.until(hasMessages(1))
  expect(bob.socket.received.map(({ method, id }) => method ?? typeof id)).toEqual([
    'number',
    'welcome',
    'presence',
    'presence',
    'message',
  ])
  expect(bob.socket.received[1]!.params).toEqual({ log: hub.log, cursor: 0, sender_id: 'Bob' })
  // Own messages are included, in order.
  await ada.socket.until(hasMessages(1))
})

const guests = byTier(1300, 10_000)

test(`[L8] in a room of ${guests} a socket learns of everybody, and goes on with messages`, async () => {
  const { hub, join, say } = await rooms()
  for (let nth = 1; nth < guests; nth++) await hub.join({ username: `Guest ${nth}` })
  const ada = await join('Ada')
  const names = () => ada.socket.received.filter(({ method }) => method === 'presence')
  await ada.socket.until(() => names().length === guests)
  expect(await say(ada, 'hello')).toMatchObject({ status: 1, seq: 1 })
  await ada.socket.until(hasMessages(1))
})

test('without a session only join, resume and rpc.discover work', async () => {
  const { dial, ask } = await rooms()
  const socket = dial()
  for (const method of ['append', 'push', 'check', 'who', 'leave', 'resume']) {
    expect((await ask(socket, method, { text: 'x' }))?.error).toMatchObject({ code: 40010 })
  }
  expect((await ask(socket, 'resume', { token: 'unknown' }))?.error).toMatchObject({ code: 40010 })
  expect((await ask(socket, 'rpc.discover'))?.result).toHaveProperty('openrpc')
})

test('a new socket resumes after the given seq, never at the head', async () => {
  const { dial, ask, join, say } = await rooms()
  const [ada, bob] = [await join('Ada'), await join('Bob')]
  for (const text of ['one', 'two', 'three']) await say(ada, text)
  await bob.socket.until(hasMessages(3))
  bob.socket.socket.destroy()
  await say(ada, 'four')
  for (const [params, expected] of [
    [{ after: 2 }, ['three', 'four']],
    [{ after: 0 }, ['one', 'two', 'three', 'four']],
    [{}, ['one', 'two', 'three', 'four']],
  ] as const) {
    const again = dial()
    expect((await ask(again, 'resume', { token: bob.token, ...params }))?.result).toMatchObject({ sender_id: 'Bob' })
    await again.until(hasMessages(expected.length))
    expect(contents(again)).toEqual(expected)
  }
})

test('resume over an open socket repeats earlier messages; a cursor above the shown seq is rejected', async () => {
  const { join, say } = await rooms()
  const [ada, bob] = [await join('Ada'), await join('Bob')]
  for (const text of ['one', 'two']) await say(ada, text)
  await bob.socket.until(hasMessages(2))
  await bob.call('resume', { after: 1 })
  await bob.socket.until(hasMessages(3))
  expect((await bob.call('resume', { after: 3 }))?.error).toMatchObject({ code: -32602 })
  await say(ada, 'three')
  await bob.socket.until(hasMessages(4))
  expect(contents(bob.socket)).toEqual(['one', 'two', 'two', 'three'])
})

test('[W5] a socket is bound to the first session, and to no second one', async () => {
  const { hub, ask, dial, join, say } = await rooms()
  const [ada, bob] = [await join('Ada'), await join('Bob')]
  await say(bob, 'of Bob')
  const refusal = { code: -32602, message: expect.stringContaining('This socket belongs to another session') }
  expect((await ada.call('resume', { token: bob.token }))?.error).toMatchObject(refusal)
  expect((await ada.call('resume', { token: bob.token, after: 0 }))?.error).toMatchObject(refusal)
  expect((await ada.call('join', { username: 'Eve' }))?.error).toMatchObject(refusal)
  // The refused calls changed nothing: the socket reads and speaks for Ada alone, and no participant came.
  expect((await ada.call('resume'))?.result).toMatchObject({ sender_id: 'Ada' })
  expect((await ada.call('resume', { token: ada.token }))?.result).toMatchObject({ sender_id: 'Ada' })
  expect(await say(ada, 'of Ada')).toMatchObject({ status: 1, seq: 2 })
  await bob.socket.until(hasMessages(2))
  expect(bob.socket.received.at(-1)?.params).toMatchObject({ sender_id: 'Ada' })
  expect(ada.socket.received.filter(({ method }) => method === 'welcome')).toHaveLength(1)
  expect((await ask(bob.socket, 'who'))?.result?.participants).toEqual([{ sender_id: 'Ada' }, { sender_id: 'Bob' }])
  // Neither do calls that overlap bind it twice.
  const both = dial()
  both.call('resume', { token: ada.token }, 'first').call('resume', { token: bob.token }, 'second')
  await both.until(({ received }) => received.some(({ id }) => id === 'second'))
  const answers = ['first', 'second'].map(id => both.received.find(each => each.id === id))
  expect(answers[0]?.result).toMatchObject({ sender_id: 'Ada' })
  expect(answers[1]?.error).toMatchObject(refusal)
  expect((await ask(both, 'resume'))?.result).toMatchObject({ sender_id: 'Ada' })
  expect(hub.admin?.load()).toMatchObject({ streams: 3 })
})

test('messages a socket has shown count as read only if the push says so', async () => {
  const { join, say } = await rooms()
  const [ada, bob] = [await join('Ada'), await join('Bob')]
  await bob.call('append', { text: 'mine' })
  await say(ada, 'first')
  await bob.socket.until(hasMessages(1))
  expect((await bob.call('push'))?.result).toMatchObject({ held: true, messages: [{ content: 'first' }] })
  await say(ada, 'second')
  await say(ada, 'third')
  await bob.socket.until(hasMessages(3))
  expect((await bob.call('push', { after: 3 }))?.result).toMatchObject({ status: 1, seq: 4 })
})

test('two sockets of one session both receive everything and share one order of calls', async () => {
  const { enter, ask, join, say } = await rooms()
  const [ada, bob] = [await join('Ada'), await join('Bob')]
  const second = enter(bob.token)
  await second.until(({ received }) => received.length > 0)
  await bob.call('append', { text: 'from one' })
  expect((await ask(second, 'append', { text: ' and two' }))?.result).toMatchObject({ suffix: 'from one and two' })
  await say(ada, 'to both')
  for (const socket of [bob.socket, second]) await socket.until(hasMessages(1))
})

test('a quiet socket makes calls and receives no room events', async () => {
  const { enter, ask, join, say } = await rooms()
  const [ada, bob] = [await join('Ada'), await join('Bob')]
  const quiet = enter(bob.token, '/ws?quiet')
  await say(ada, 'hello')
  await bob.socket.until(hasMessages(1))
  expect((await ask(quiet, 'check'))?.result).toMatchObject({ messages: [{ content: 'hello' }] })
  expect(quiet.received).toHaveLength(1)
})

test('leave is answered, then closes the sockets of the session; others see it', async () => {
  const { enter, join } = await rooms()
  const [ada, bob] = [await join('Ada'), await join('Bob')]
  const second = enter(ada.token)
  await second.until(({ received }) => received.length > 0)
  const waiting = ada.socket.call('check', {}, 'waits')
  expect((await ada.call('leave'))?.result).toEqual({ status: 1 })
  for (const socket of [ada.socket, second]) {
    await socket.until(({ closed }) => closed)
    expect(socket.closing).toEqual([4001, 'The session is over. Join again to go on.'])
  }
  expect(waiting.received.find(({ id }) => id === 'waits')?.result).toMatchObject({ status: 0 })
  await bob.socket.until(({ received }) =>
    received.some(({ params }) => params?.sender_id === 'Ada' && !params.present),
  )
})

test('a waiting check whose socket breaks loses no message', async () => {
  const { join, say, enter, ask } = await rooms()
  const [ada, bob] = [await join('Ada'), await join('Bob')]
  bob.socket.call('check', {}, 'waits')
  await bob.call('who')
  bob.socket.socket.destroy()
  await bob.socket.until(({ closed }) => closed)
  await say(ada, 'still there?')
  await vi.waitFor(async () => {
    const answer = await ask(enter(bob.token), 'check', { timeout_ms: 0, after: 0 })
    expect(answer?.result).toMatchObject({ status: 1, messages: [{ content: 'still there?' }] })
  })
})

test('a thousand messages sent without a reader arrive in order', async () => {
  const { hub, enter, join } = await rooms()
  const bob = await join('Bob')
  bob.socket.socket.destroy()
  const ada = await hub.join({ username: 'Ada' })
  for (let n = 1; n <= 1000; n++) await ada.sendUnconditionally(`${n}`)
  const again = await enter(bob.token).message(1000)
  expect(contents(again)).toEqual(Array.from({ length: 1000 }, (_, index) => `${index + 1}`))
})

test('when the hub closes, sockets are closed and a new one gets 503', async () => {
  const { hub, enter, join } = await rooms()
  const ada = await join('Ada')
  await hub.close()
  await ada.socket.until(({ closing }) => closing !== undefined)
  expect(ada.socket.closing?.[0]).toBe(1001)
  expect((await enter(ada.token).until(({ closed }) => closed)).status).toBe(503)
})
