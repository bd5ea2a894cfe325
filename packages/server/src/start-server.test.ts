import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { once } from 'node:events'
import { request, type Server } from 'node:http'
import { connect } from 'node:net'
import { openHub } from '@midsentence/core/hub'
import { expect, onTestFinished, test } from 'vitest'
import { isLoopback } from './access/loopback.ts'
import { listen } from './http/listen.ts'
import { startServer } from './start-server.ts'

const rpc = async (url: string, method: string, params: object = {}, token = '') => {
  const headers = { 'content-type': 'application/json', ...(token && { authorization: `Bearer ${token}` }) }
  const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method, params })
  const response = await fetch(`${url}/rpc`, { method: 'POST', headers, body })
  return ((await response.json()) as { result: Record<string, unknown> }).result
}

test('it closes within a second with open streams, waiting checks and incomplete requests', async () => {
  const { url, close } = await startServer({ port: 0 })
  const token = String((await rpc(url, 'join', { username: 'Ada' })).token)
  const stream = await fetch(`${url}/rooms/lobby/events`, { headers: { authorization: `Bearer ${token}` } })
  await fetch(`${url}/register`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: '{"username":"Ben"}',
  })
  const legacyStream = await fetch(`${url}/events?username=Ben`)
  const incomplete = connect(Number(new URL(url).port), '127.0.0.1')
  incomplete.on('error', () => {})
  incomplete.write(
    'POST /rpc HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\ncontent-length: 100\r\n\r\n{',
  )
  const unread = request(`${url}/healthz`).end()
  await once(unread, 'response')
  const waiting = rpc(url, 'check', { timeout_ms: 240_000 }, token)
  // An answered later call shows that the check has arrived.
  await rpc(url, 'who', {}, token)

  const before = performance.now()
  await close()
  expect(performance.now() - before).toBeLessThan(1000)
  expect(await waiting).toBeDefined()
  await stream.text()
  await legacyStream.text().catch(() => {})
  await expect(fetch(`${url}/healthz`)).rejects.toThrow()
  await close()
})

test('without connections it closes at once', async () => {
  const { close } = await startServer({ port: 0 })
  const before = performance.now()
  await close()
  expect(performance.now() - before).toBeLessThan(200)
})

test('an unavailable port or address rejects with a sentence', async () => {
  const first = await startServer({ port: 0 })
  onTestFinished(() => first.close())
  const port = Number(new URL(first.url).port)
  await expect(startServer({ port })).rejects.toMatchObject({
    code: 'unavailable',
    message: `Port ${port} of 127.0.0.1 is taken: end what runs there, or choose another port.`,
  })
  await expect(startServer({ host: '192.0.2.1', port: 0, openToAll: true })).rejects.toMatchObject({
    message: '192.0.2.1 is no address of this machine: choose 127.0.0.1, or one that it has.',
  })
})

test.each([-1, 1.5, 65_536, Number.NaN])('%d is refused as a port', async port => {
  await expect(startServer({ port })).rejects.toThrow(TypeError)
})

test('an existing hub is served and stays open', async () => {
  const hub = await openHub()
  onTestFinished(() => hub.close())
  const server = await startServer({ hub, port: 0 })
  const { token } = await rpc(server.url, 'join', { username: 'Ada' })
  await server.close()
  expect(hub.enter(String(token)).joinResult.sender_id).toBe('Ada')
  await expect(startServer({ hub, rooms: {}, port: 0 })).rejects.toThrow(TypeError)
})

test('receiving a request has time limits, answering it has none', async () => {
  const { server } = await listen('127.0.0.1', 0)
  onTestFinished(() => void server.close())
  expect(server).toMatchObject({ headersTimeout: 10_000, requestTimeout: 30_000, keepAliveTimeout: 65_000, timeout: 0 })
})

test.each([
  ['127.0.0.1', true],
  ['127.255.0.9', true],
  ['::1', true],
  ['::ffff:127.0.0.1', true],
  ['localhost', true],
  ['a.localhost', true],
  ['[::1]', true],
  ['0:0:0:0:0:0:0:1', true],
  ['[::ffff:7f00:1]', true],
  ['0.0.0.0', false],
  ['[::]', false],
  ['[2001:db8::1]', false],
  ['::', false],
  ['128.0.0.1', false],
  ['localhost.example', false],
  ['', false],
])('%j is loopback: %s', (host, expected) => expect(isLoopback(host)).toBe(expected))

test.each(['[::1]', '::1', '0:0:0:0:0:0:0:1', '127.0.0.1', 'localhost', '::ffff:127.0.0.1'])(
  'a server on %s is for this machine alone, needs no password and answers',
  async host => {
    const server = await startServer({ host, port: 0 }).catch(error => {
      // A machine without IPv6 has no such address.
      if (/no address of this machine|EAFNOSUPPORT/.test(error.message)) return undefined
      throw error
    })
    if (!server) return
    onTestFinished(() => server.close())
    expect(server.warning).toBeUndefined()
    expect(await rpc(server.url, 'join', { username: 'Ada' })).toMatchObject({ sender_id: 'Ada' })
  },
)

test.each(['[::]', '::', '0.0.0.0'])('a server on %s needs a password or openToAll', async host => {
  await expect(startServer({ host, port: 0 })).rejects.toMatchObject({ code: 'invalid-params' })
})

test('origins may be written with capitals and a slash, and an app origin allows no other', async () => {
  const server = await startServer({ port: 0, origins: ['HTTPS://App.example/', 'capacitor://localhost'] })
  onTestFinished(() => server.close())
  const statusFor = async (origin: string) => (await fetch(`${server.url}/healthz`, { headers: { origin } })).status
  expect(
    await Promise.all(['https://app.example', 'capacitor://localhost', 'null', 'https://b.example'].map(statusFor)),
  ).toEqual([200, 200, 403, 403])
})

test('an accept that fails for want of descriptors does not end the server', async () => {
  const { url, close } = await startServer({ port: 0 })
  onTestFinished(() => close())
  const servers: Server[] = []
  const note = (message: unknown) => servers.push((message as { readonly server: Server }).server)
  subscribe('http.server.request.start', note)
  await fetch(`${url}/healthz`)
  unsubscribe('http.server.request.start', note)
  // As Node.js does it; without a listener this throws, and the process ends.
  servers[0]!.emit('error', Object.assign(new Error('accept EMFILE'), { code: 'EMFILE' }))
  expect((await fetch(`${url}/healthz`)).status).toBe(200)
})
