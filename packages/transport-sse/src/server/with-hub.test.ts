import { memorySessions, virtualClock } from '@midsentence/core'
import { type HubOptions, openHub } from '@midsentence/core/hub'
import { bodyIn, eventsIn } from '@midsentence/testing/sse/event-parser'
import { post, serveSse } from '@midsentence/testing/sse/serve-sse'
import { byTier } from '@midsentence/testing/tier'
import { expect, onTestFinished, test, vi } from 'vitest'

/** A hub that is reached only over HTTP. */
const rooms = async (options: HubOptions = {}) => {
  const hub = await openHub(options)
  onTestFinished(() => hub.close())
  const served = await serveSse(hub)
  const call = async (method: string, params: object = {}, token = '') => {
    const response = await fetch(`${served.url}/rpc`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...(token && { authorization: `Bearer ${token}` }) },
      body: JSON.stringify({ jsonrpc: '2.0', id: 1, method, params }),
    })
    return (await response.json()) as { result?: Record<string, never>; error?: { code: number } }
  }
  const join = async (username: string, room = 'lobby') => {
    const { result } = await call('join', { username, room })
    const token = String(result!.token)
    const say = async (text: string) => {
      await call('append', { text }, token)
      return (await call('push', {}, token)).result!
    }
    const listen = (headers = '') =>
      served
        .dial()
        .send(`GET /rooms/${room}/events HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${token}\r\n${headers}\r\n`)
    return { token, say, listen, call: (method: string, params?: object) => call(method, params, token) }
  }
  return { ...served, hub, join }
}
type Client = ReturnType<Awaited<ReturnType<Awaited<ReturnType<typeof rooms>>['join']>>['listen']>
const read = (client: Client) => eventsIn(bodyIn(client.received))
const contents = (client: Client) =>
  read(client)
    .filter(({ event }) => event === 'message')
    .map(({ data }) => JSON.parse(data).content)

test('a push reaches every stream, own ones included, and a cut stream resumes', async () => {
  const { hub, join } = await rooms()
  const [ada, bob] = [await join('Ada'), await join('Bob')]
  const streams = [ada.listen(), bob.listen()]
  for (const stream of streams) await stream.until(client => read(client).some(({ event }) => event === 'welcome'))
  expect(JSON.parse(read(streams[0]!)[0]!.data)).toEqual({ log: hub.log, cursor: 0, sender_id: 'Ada' })
  expect(await ada.say('hello')).toMatchObject({ status: 1, seq: 1 })
  for (const stream of streams) await stream.until(client => contents(client).length === 1)
  streams[1]!.socket.destroy()
  expect(await ada.say('are you there?')).toMatchObject({ status: 1, seq: 2 })
  const again = bob.listen('last-event-id: 1\r\n')
  await again.until(client => contents(client).length === 1)
  expect(contents(again)).toEqual(['are you there?'])
  expect(read(again).every(({ id }) => id !== '')).toBe(true)
})

const guests = byTier(1300, 10_000)

test(`[V1] [L8] in a room of ${guests} a stream opens, tells of everybody, and goes on with messages`, async () => {
  const { hub, join } = await rooms()
  for (let nth = 1; nth < guests; nth++) await hub.join({ username: `Guest ${nth}` })
  const ada = await join('Ada')
  const stream = ada.listen()
  const names = () => read(stream).filter(({ event }) => event === 'presence')
  await stream.until(client => client.received.includes('"Ada","present":true'))
  expect(names()).toHaveLength(guests)
  expect(await ada.say('hello')).toMatchObject({ status: 1, seq: 1 })
  await stream.until(client => client.received.includes('"content":"hello"'))
  expect(contents(stream)).toEqual(['hello'])
})

test('[A12] a stream opens the room that left memory', async () => {
  const clock = virtualClock()
  const { hub, join } = await rooms({ clock, sessions: memorySessions() })
  const ada = await join('Ada')
  expect(await ada.say('kept')).toMatchObject({ seq: 1 })
  await clock.advance(150_000)
  expect(hub.admin?.load()).toMatchObject({ rooms: 0, lapsed: 1 })
  const stream = ada.listen('last-event-id: 0\r\n')
  await stream.until(client => contents(client).length === 1)
  expect(contents(stream)).toEqual(['kept'])
  expect(hub.admin?.load()).toMatchObject({ rooms: 1, sessions: 1, streams: 1 })
})

test('messages a stream has shown do not count as read: the push is held', async () => {
  const { join } = await rooms()
  const [ada, bob] = [await join('Ada'), await join('Bob')]
  const stream = bob.listen()
  await bob.call('append', { text: 'mine' })
  await ada.say('first')
  await stream.until(client => contents(client).length === 1)
  expect((await bob.call('push')).result).toMatchObject({ status: 0, held: true, messages: [{ content: 'first' }] })
  expect((await bob.call('push')).result).toMatchObject({ status: 1, seq: 2 })
})

test('a Last-Event-ID above the shown seq is rejected; one that a stream wrote is accepted', async () => {
  const { join } = await rooms()
  const [ada, bob] = [await join('Ada'), await join('Bob')]
  await ada.say('one')
  const early = bob.listen('last-event-id: 1\r\n')
  await early.until(({ statuses }) => statuses.length === 1)
  expect(early.statuses).toEqual([400])
  await bob.listen().until(client => contents(client).length === 1)
  const late = bob.listen('last-event-id: 1\r\n')
  await late.until(({ statuses }) => statuses.length === 1)
  expect(late.statuses).toEqual([200])
})

test('a thousand messages sent without a reader arrive in order', async () => {
  const { hub, join } = await rooms()
  const bob = await join('Bob')
  const ada = await hub.join({ username: 'Ada' })
  for (let n = 1; n <= 1000; n++) await ada.sendUnconditionally(`${n}`)
  const stream = bob.listen()
  await stream.event('"content":"1000"')
  expect(contents(stream)).toEqual(Array.from({ length: 1000 }, (_, index) => `${index + 1}`))
})

test('leave ends the streams of the session; others see it', async () => {
  const { join } = await rooms()
  const [ada, bob] = [await join('Ada'), await join('Bob')]
  const [mine, other] = [ada.listen(), bob.listen()]
  for (const stream of [mine, other]) await stream.until(client => read(client).length > 0)
  await ada.call('leave')
  await mine.until(({ received }) => received.endsWith('0\r\n\r\n'))
  const gone = { sender_id: 'Ada', present: false }
  await other.until(client => read(client).some(({ data }) => data === JSON.stringify(gone)))
  const again = ada.listen()
  await again.until(({ statuses }) => statuses.length === 1)
  expect(again.statuses).toEqual([401])
})

test('a waiting check whose caller disconnects loses no message', async () => {
  const { dial, join } = await rooms()
  const [ada, bob] = [await join('Ada'), await join('Bob')]
  const check = JSON.stringify({ jsonrpc: '2.0', id: 'waits', method: 'check' })
  const waiting = dial().send(post(check, `authorization: Bearer ${bob.token}\r\n`))
  // A later call on another connection was answered: the check was waiting.
  await bob.call('who')
  waiting.socket.destroy()
  await waiting.until(({ closed }) => closed)
  await ada.say('still there?')
  await vi.waitFor(async () => {
    const { result } = await bob.call('check', { timeout_ms: 0, after: 0 })
    expect(result).toMatchObject({ status: 1, messages: [{ content: 'still there?' }] })
  })
})

test('when the hub closes, streams end and a new one gets 503', async () => {
  const { hub, join } = await rooms()
  const ada = await join('Ada')
  const stream = await ada.listen().until(client => read(client).length > 0)
  await hub.close()
  await stream.until(({ received }) => received.endsWith('0\r\n\r\n'))
  const again = ada.listen()
  await again.until(({ statuses }) => statuses.length === 1)
  expect(again.statuses).toEqual([503])
})
