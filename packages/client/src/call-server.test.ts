import { createServer } from 'node:http'
import { createServer as createNetServer } from 'node:net'
import { virtualClock } from '@midsentence/core'
import { ServerAddresses } from '@midsentence/core/rpc-client'
import { freePort } from '@midsentence/testing/legacy/python-server'
import { fakeSseServer } from '@midsentence/testing/sse/fake-sse-server'
import { type Stall, stallingProxy } from '@midsentence/testing/stalling-proxy'
import { expect, onTestFinished, test, vi } from 'vitest'
import { callServer, type ServerCallOptions } from './call-server.ts'

/** Starts a fake server and a proxy that can stall, with one session. */
async function stalling() {
  const clock = virtualClock()
  const server = await fakeSseServer()
  server.room.handle('join', { username: 'Ada' }, '')
  const [token] = [...server.room.sessions.keys()]
  const proxy = await stallingProxy(server.url)
  const publish = (options: ServerCallOptions = {}) =>
    callServer(proxy.url, 'publish', { content: 'hello', base: 0, key: 'k' }, { token: token!, clock, ...options })
  return { clock, server, proxy, publish }
}

/** Resolves once `count` requests for `method` have arrived. */
const arrived = (server: { count(method: string): number }, method: string, count: number) =>
  vi.waitFor(() => expect(server.count(method)).toBe(count))

test.each<Stall>(['no-answer', 'head-only'])(
  '[N4] a call on a half-open connection (%s) is repeated on a new one, and acts once',
  async how => {
    const { clock, server, proxy, publish } = await stalling()
    proxy.stall(how)
    const publishing = publish({ repeatable: true })
    await arrived(server, 'publish', 1)
    proxy.heal()
    await clock.advance(15_000)
    expect(await publishing).toMatchObject({ status: 1, seq: 1 })
    expect([server.count('publish'), server.room.messages.length, proxy.connections]).toEqual([2, 1, 2])
  },
)

test('a repeatable call to a dead server ends after 30 s, any other after 15 s, with a sentence', async () => {
  const { clock, proxy, publish } = await stalling()
  proxy.stall('silent')
  const ends: string[] = []
  const calls = [publish({ repeatable: true }), publish(), publish({ repeatable: true, waitMs: 240_000 })].map(
    async (call, index) => {
      const error = await call.catch(error => error)
      ends.push(`${clock.monotonic() / 1000} ${index}`)
      return error
    },
  )
  for (let seconds = 0; seconds < 31; seconds++) await clock.advance(1000)
  const errors = await Promise.all(calls)
  expect(ends.sort()).toEqual(['15 1', '30 0', '30 2'])
  for (const error of errors) {
    expect(error).toMatchObject({
      code: 'unavailable',
      data: { unknown: true },
      message: `The server at ${proxy.url} does not answer: no answer came within 15 seconds. It may be overloaded, suspended or cut off. Restart it with npx midsentence serve if trying again does not help.`,
    })
  }
})

test('a call that may wait is asked about every 15 s, and its answer is found under its key', async () => {
  const { clock, server, publish } = await stalling()
  server.failNext('publish', 'hang', 'hang')
  const publishing = publish({ repeatable: true, waitMs: 60_000 })
  await arrived(server, 'publish', 1)
  await clock.advance(15_000)
  await arrived(server, 'publish', 2)
  await clock.advance(15_000)
  expect(await publishing).toMatchObject({ status: 1, seq: 1 })
  expect([server.count('who'), server.count('publish'), server.room.messages.length]).toEqual([2, 3, 1])
})

test('a broken connection is tried again; a refused one only if asked', async () => {
  const { clock, server, publish } = await stalling()
  /** Passes time in small steps until `ending` has settled. */
  const settled = async (ending: Promise<unknown>) => {
    let isSettled = false
    const done = () => {
      isSettled = true
    }
    ending.then(done, done)
    const step = async () => {
      await clock.advance(50)
      expect(isSettled).toBe(true)
    }
    await vi.waitFor(step, { interval: 2 })
    return ending
  }
  server.failNext('publish', 'lose-answer', 'drop')
  expect(await settled(publish({ repeatable: true }))).toMatchObject({ status: 1, seq: 1 })
  expect([server.count('publish'), server.room.messages.length]).toEqual([3, 1])
  const url = `http://127.0.0.1:${await freePort()}`
  const refused = {
    data: {},
    message: expect.stringMatching(/^No midsentence server answers at .*: .*\. Start one there/),
  }
  const before = clock.monotonic()
  await expect(callServer(url, 'who', {}, { repeatable: true, clock })).rejects.toMatchObject(refused)
  expect(clock.monotonic()).toBe(before)
  const patient = callServer(url, 'who', {}, { repeatable: true, retryRefused: true, clock })
  await expect(settled(patient)).rejects.toMatchObject(refused)
  expect(clock.monotonic() - before).toBeGreaterThanOrEqual(1200)
})

test('of several addresses the next one is called at once if nothing answers, and later calls begin there', async () => {
  const [clock, server] = [virtualClock(), await fakeSseServer()]
  const gone = [await freePort(), await freePort()].map(port => `http://127.0.0.1:${port}`)
  const addresses = new ServerAddresses([...gone, server.url])
  await expect(callServer(addresses, 'join', { username: 'Ada' }, { clock })).resolves.toMatchObject({
    sender_id: 'Ada',
  })
  expect([addresses.url, clock.monotonic()]).toEqual([server.url, 0])
  await expect(callServer(gone, 'who', {}, { clock })).rejects.toMatchObject({
    message: expect.stringContaining(`No midsentence server answers at ${gone.join(' or ')}: `),
    data: {},
  })
})

test('a call whose answer was lost is repeated at the next address, but only if it may be repeated', async () => {
  const { clock, server, proxy, publish } = await stalling()
  const [token] = [...server.room.sessions.keys()]
  const both = () => new ServerAddresses([proxy.url, server.url])
  const call = (options: ServerCallOptions) =>
    callServer(both(), 'publish', { content: 'again', base: 1, key: 'l' }, { token: token!, clock, ...options })
  await publish()
  server.failNext('publish', 'drop')
  await expect(call({})).rejects.toMatchObject({
    data: { unknown: true },
    message: expect.stringContaining(`No midsentence server answers at ${proxy.url}: the connection broke`),
  })
  expect(server.count('publish')).toBe(2)
  proxy.stall('no-answer')
  const repeated = call({ repeatable: true })
  await arrived(server, 'publish', 3)
  await clock.advance(15_000)
  expect(await repeated).toMatchObject({ status: 1, seq: 2 })
  expect([proxy.connections, server.count('publish')]).toEqual([3, 4])
})

test('https to a server of http, and bytes that are not HTTP, are named as such', async () => {
  const web = createServer((_, res) => res.end()).listen(0, '127.0.0.1')
  const talk = createNetServer(socket => socket.on('error', () => {}).end('220 mail.example ESMTP\r\n')).listen(
    0,
    '127.0.0.1',
  )
  onTestFinished(() => {
    web.close()
    talk.close()
  })
  const portOf = async (server: typeof web | typeof talk) => {
    if (!server.listening) await new Promise(resolve => server.once('listening', resolve))
    return (server.address() as { port: number }).port
  }
  await expect(callServer(`https://127.0.0.1:${await portOf(web)}`, 'who', {})).rejects.toThrow(
    /does not speak TLS there/,
  )
  await expect(callServer(`http://127.0.0.1:${await portOf(talk)}`, 'who', {})).rejects.toThrow(/does not speak HTTP/)
})
