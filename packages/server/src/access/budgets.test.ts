import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { openHub } from '@midsentence/core/hub'
import { expect, onTestFinished, test, vi } from 'vitest'
import { WebSocket } from 'ws'
import { noLog } from '../observability/log.ts'
import type { ServerOptions } from '../server-options.ts'
import { startServer } from '../start-server.ts'
import { BacklogLimits } from './backlog-limits.ts'

/** Waits of `vi.waitFor`, which end as soon as what is waited for happens. */
const slow = { timeout: 15_000 }

const far = '192.0.2.1'
const near = '127.0.0.1'

const request = (method: string, params: object = {}, id: unknown = 1) => ({ jsonrpc: '2.0', method, params, id })
const batch = (count: number, method: string, params: (at: number) => object = () => ({})) =>
  JSON.stringify(Array.from({ length: count }, (_, at) => request(method, params(at), at)))

/** Starts a server and trusts a proxy on this machine, which tells the address that each client names. */
async function startProxied(options: ServerOptions = {}) {
  const server = await startServer({ port: 0, proxies: [near], ...options })
  onTestFinished(() => server.close())
  const post = async (from: string, body: string, token?: string) => {
    const headers = {
      ...{ 'content-type': 'application/json', 'x-forwarded-for': from },
      ...(token !== undefined && { authorization: `Bearer ${token}` }),
    }
    const response = await fetch(`${server.url}/rpc`, { method: 'POST', headers, body })
    const text = await response.text()
    return { status: response.status, retryAfter: response.headers.get('retry-after'), body: JSON.parse(text) }
  }
  /** Opens a WebSocket and counts its answers. */
  const open = async (from: string, token?: string) => {
    const headers = {
      'x-forwarded-for': from,
      ...(token !== undefined && { authorization: `Bearer ${token}` }),
    }
    const socket = new WebSocket(`${server.url.replace('http', 'ws')}/ws?events=none`, { headers })
    onTestFinished(() => socket.terminate())
    const seen = { answers: 0, socket }
    socket.on('message', text => {
      if (String(text).includes('"id"')) seen.answers++
    })
    await once(socket, 'open')
    return seen
  }
  return { ...server, post, open }
}

/** Points per second and burst: at most 15, and 5 more in each second. */
const small = { address: { per_second: 5, burst: 10 } }
const pointsUntil = (began: number) => 15 + 5 * (1 + Math.ceil((performance.now() - began) / 1000))

test('[W8] rpc.discover answers alone, and not in a batch', async () => {
  const { post } = await startProxied()
  expect((await post(far, JSON.stringify(request('rpc.discover')))).body.result.openrpc).toBe('1.3.2')
  const { body } = await post(near, batch(50, 'rpc.discover'))
  expect(new Set(body.map(({ error }: { error: { code: number } }) => error.code))).toEqual(new Set([-32600]))
  expect(JSON.stringify(body).length).toBeLessThan(20_000)
})

test.each([
  [far, 429],
  [near, 200],
])('a batch costs what its calls cost: the second of 8 calls from %s gets %i', async (from, status) => {
  const { post, hub } = await startProxied({ limits: { address: { per_second: 10, burst: 1 } } })
  const { token } = (await hub.join({ username: 'Ada' })).joinResult
  const append = vi.fn()
  const calls = batch(8, 'append', at => ({ text: `${at}`, key: `${append()}` }))
  expect((await post(from, calls, token)).status).toBe(200)
  const second = await post(from, calls, token)
  expect(second.status).toBe(status)
  if (status !== 429) return
  expect(Number(second.retryAfter)).toBeGreaterThanOrEqual(1)
  expect(second.body.error).toMatch(/None of them was run/)
})

test.each([
  [far, true],
  [near, false],
])('refusals cost too: a forbidden Host from %s is refused for its rate in the end: %s', async (from, isLimited) => {
  const { url } = await startProxied({ limits: small })
  const statuses = new Set<string | undefined>()
  const socket = connect(Number(new URL(url).port), near).setEncoding('latin1')
  onTestFinished(() => void socket.destroy())
  socket.on('data', text => {
    for (const [, status] of String(text).matchAll(/HTTP\/1.1 (\d+)/g)) statuses.add(status)
  })
  socket.write(`GET / HTTP/1.1\r\nhost: evil.example\r\nx-forwarded-for: ${from}\r\n\r\n`.repeat(30))
  await vi.waitFor(() => expect(statuses.size).toBeGreaterThan(isLimited ? 1 : 0), slow)
  expect([...statuses].sort()).toEqual(isLimited ? ['403', '429'] : ['403'])
})

test.each([
  [far, true],
  [near, false],
])('frames of a socket without a session from %s are paid before they run: %s', async (from, isLimited) => {
  const { open } = await startProxied({ limits: small })
  const began = performance.now()
  const socket = await open(from)
  for (let id = 0; id < 200; id++) socket.socket.send(JSON.stringify(request('who', {}, id)))
  await vi.waitFor(() => expect(socket.answers).toBeGreaterThanOrEqual(isLimited ? 10 : 200), slow)
  expect(socket.answers <= pointsUntil(began)).toBe(isLimited)
  // The rest is not refused: it waits unread until there are points.
  if (isLimited) await vi.waitFor(() => expect(socket.answers).toBeGreaterThan(16), slow)
})

test.each([
  [far, true],
  [near, false],
])('40 sessions over sockets from %s have the rate of their address together: %s', async (from, isLimited) => {
  const { open, hub } = await startProxied({ limits: { address: { per_second: 50, burst: 10 } } })
  const tokens = await Promise.all(
    Array.from({ length: 40 }, async (_, at) => (await hub.join({ username: `P${at}` })).joinResult.token),
  )
  const began = performance.now()
  const sockets = await Promise.all(tokens.map(token => open(from, token)))
  for (const { socket } of sockets) {
    for (let id = 0; id < 25; id++) socket.send(JSON.stringify(request('append', { text: 'a' }, id)))
  }
  const answers = () => sockets.reduce((sum, each) => sum + each.answers, 0)
  await vi.waitFor(() => expect(answers()).toBeGreaterThanOrEqual(isLimited ? 40 : 1000), slow)
  expect(answers() <= 60 + 50 * (1 + Math.ceil((performance.now() - began) / 1000))).toBe(isLimited)
})

test.each([
  [far, 10, 1],
  [near, 30, 30],
])('of 30 guesses in one batch from %s, %i are asked and %i at once', async (from, asked, atOnce) => {
  let [running, most, count] = [0, 0, 0]
  const { post } = await startProxied({
    async authenticate() {
      count++
      most = Math.max(most, ++running)
      await new Promise(resolve => setImmediate(resolve))
      running--
      return { allowed: false, reason: 'wrong' }
    },
  })
  const { body } = await post(
    from,
    batch(30, 'join', at => ({ username: `P${at}`, credential: 'guess' })),
  )
  expect([count, most]).toEqual([asked, atOnce])
  const codes = body.map(({ error }: { error: { code: number } }) => error.code)
  expect(codes.filter((code: number) => code === 40_003)).toHaveLength(30 - asked)
})

test('right credentials of one address are no guesses', async () => {
  const { post } = await startProxied({ password: 'sesame' })
  for (let times = 0; times < 2; times++) {
    const { body } = await post(
      far,
      batch(15, 'join', at => ({ username: `P${times}-${at}`, credential: 'sesame' })),
    )
    expect(body.filter(({ result }: { result?: object }) => result)).toHaveLength(15)
  }
})

test.each([
  [{ backlog: { bytes: 2 ** 20, stall_ms: 1e9 } }, true],
  [{ backlog: { bytes: 2 ** 40, address_bytes: 2 ** 40, stall_ms: 1e9 } }, false],
])('[W5] with %j, connections that read nothing are cut, those that read are not: %s', async (options, isCut) => {
  const reported = vi.spyOn(BacklogLimits.prototype, 'report')
  onTestFinished(() => reported.mockRestore())
  const hub = await openHub()
  onTestFinished(() => hub.close())
  const cut: object[] = []
  const log = { ...noLog, warn: (fields: object) => void cut.push(fields) }
  const { url } = await startProxied({ limits: false, hub, log, ...options })
  const session = await hub.join({ username: 'Ada' })
  const { token } = session.joinResult
  for (let segment = 0; segment < 20; segment++) await session.append({ text: 'x'.repeat(1000) })
  const head = `POST /rpc HTTP/1.1\r\nhost: x.localhost\r\nauthorization: Bearer ${token}\r\ncontent-type: application/json\r\n`
  const dial = (body: string, times: number) => {
    const socket = connect(Number(new URL(url).port), near).on('error', () => {})
    onTestFinished(() => void socket.destroy())
    socket.write(`${head}content-length: ${body.length}\r\n\r\n${body}`.repeat(times))
    return socket
  }
  // A megabyte each: what the kernel does not take waits.
  for (let connections = 0; connections < 3; connections++) dial(batch(50, 'preview'), 15).pause()
  const waiting = () => {
    const latest = new Map(reported.mock.calls.map(([connection, bytes]) => [connection, bytes]))
    return [...latest.values()].reduce((sum, bytes) => sum + bytes, 0)
  }
  const reading = dial(JSON.stringify(request('preview')), 20)
  let received = 0
  reading.on('data', ({ length }) => {
    received += length
  })
  await vi.waitFor(() => expect(received).toBeGreaterThan(20 * 20_000), slow)
  if (isCut) await vi.waitFor(() => expect(cut).toEqual([{ why: 'backlog', address: near }]), slow)
  else await vi.waitFor(() => expect(waiting()).toBeGreaterThan(2 ** 20), slow)
  expect([cut.length > 0, reading.destroyed]).toEqual([isCut, false])
})

test('above the maximum of connections more are closed at once', async () => {
  const { url } = await startProxied({ maxConnections: 2 })
  const dial = async () => {
    const socket = connect(Number(new URL(url).port), near).on('error', () => {})
    onTestFinished(() => void socket.destroy())
    socket.write('GET /healthz HTTP/1.1\r\nhost: x.localhost\r\n\r\n')
    const closed = once(socket, 'close').then(() => 'closed')
    return Promise.race([once(socket, 'data').then(() => 'answered'), closed])
  }
  expect([await dial(), await dial(), await dial()]).toEqual(['answered', 'answered', 'closed'])
})

test.each([
  [far, true],
  [near, false],
])(
  'requests that go on regardless of refusals, from %s, get no answer after 20 for seconds: %s',
  async (from, isHeld) => {
    const { url } = await startProxied({ limits: { address: { per_second: 1, burst: 1 } } })
    let answers = 0
    for (let connections = 0; connections < 5; connections++) {
      const socket = connect(Number(new URL(url).port), near).setEncoding('latin1')
      onTestFinished(() => void socket.destroy())
      socket.on('data', text => (answers += String(text).split('HTTP/1.1 ').length - 1))
      socket.write(`GET /healthz HTTP/1.1\r\nhost: x.localhost\r\nx-forwarded-for: ${from}\r\n\r\n`.repeat(20))
    }
    await vi.waitFor(() => expect(answers).toBeGreaterThanOrEqual(isHeld ? 20 : 100), slow)
    for (let times = 0; times < 5; times++) await fetch(`${url}/healthz`)
    expect(answers <= 20 + 2 * 3).toBe(isHeld)
  },
)

const legacyDialect = 'without-authentication'

test.each([
  [far, 429],
  [near, 200],
])('a message of the legacy dialect costs by its length: the last from %s gets %i', async (from, status) => {
  const { url } = await startProxied({ legacyDialect, limits: { address: { per_second: 10, burst: 1 } } })
  const send = async (path: string, body: object) => {
    const headers = { 'content-type': 'application/json', 'x-forwarded-for': from }
    return (await fetch(url + path, { method: 'POST', headers, body: JSON.stringify(body) })).status
  }
  expect(await send('/register', { username: 'Ada' })).toBe(200)
  const message = 'x'.repeat(19_000)
  expect([
    await send('/send', { username: 'Ada', message }),
    await send('/send', { username: 'Ada', message }),
  ]).toEqual([200, status])
})

test('[W5] what waits for readers of the legacy dialect and of the admin API is reported and bounded', async () => {
  const reported = vi.spyOn(BacklogLimits.prototype, 'report')
  onTestFinished(() => reported.mockRestore())
  const hub = await openHub()
  onTestFinished(() => hub.close())
  const { url } = await startProxied({ hub, legacyDialect, adminToken: 'a'.repeat(40), backlog: { bytes: 2 ** 12 } })
  const dial = (text: string) => {
    const socket = connect(Number(new URL(url).port), near).on('error', () => {})
    onTestFinished(() => void socket.destroy())
    socket.write(text)
    return socket.pause()
  }
  await fetch(`${url}/register`, {
    ...{ method: 'POST', headers: { 'content-type': 'application/json' } },
    body: JSON.stringify({ username: 'Ada' }),
  })
  dial('GET /events?username=Ada HTTP/1.1\r\nhost: x.localhost\r\n\r\n')
  const cuts = () => reported.mock.calls.filter(([connection]) => (connection as Socket).destroyed).length
  const writer = await hub.join({ username: 'Ben' })
  const content = 'x'.repeat(19_000)
  await vi.waitFor(async () => {
    for (let times = 0; times < 20; times++) {
      const base = writer.snapshotCursor().shown
      await writer.publish({ content, base, key: `${Math.random()}` })
    }
    expect(cuts()).toBeGreaterThan(0)
  }, slow)
  const before = cuts()
  const metrics = `GET /metrics HTTP/1.1\r\nhost: x.localhost\r\nauthorization: Bearer ${'a'.repeat(40)}\r\n\r\n`
  const admin = dial(metrics)
  await vi.waitFor(() => {
    admin.write(metrics.repeat(20))
    expect(cuts()).toBeGreaterThan(before)
  }, slow)
})
