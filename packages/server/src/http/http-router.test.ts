import { once } from 'node:events'
import { type IncomingMessage, request } from 'node:http'
import { connect } from 'node:net'
import { text } from 'node:stream/consumers'
import { expect, onTestFinished, test } from 'vitest'
import type { ServerOptions } from '../server-options.ts'
import { startServer } from '../start-server.ts'

interface RequestParts {
  readonly method?: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string
}

/** Starts a server; `send` makes requests with any headers. */
async function startTestServer(options: ServerOptions = {}) {
  const server = await startServer({ port: 0, ...options })
  onTestFinished(() => server.close())
  const send = async (path: string, { method = 'GET', headers = {}, body }: RequestParts = {}) => {
    const req = request(`${server.url}${path}`, { method, headers, agent: false })
    req.end(body)
    const [res] = (await once(req, 'response')) as [IncomingMessage]
    return { status: res.statusCode, headers: res.headers, body: await text(res) }
  }
  return { ...server, send, port: new URL(server.url).port }
}

const call = (method: string, params: object = {}): RequestParts => ({
  method: 'POST',
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify({ jsonrpc: '2.0', id: 1, method, params }),
})

test.each([
  ['127.0.0.1', 200],
  ['127.0.0.1:1', 200],
  ['127.9.9.9', 200],
  ['localhost:8890', 200],
  ['LOCALHOST', 200],
  ['room.localhost', 200],
  ['[::1]:8890', 200],
  ['chat.example', 200],
  ['chat.example:443', 200],
  ['evil.example', 403],
  ['127.0.0.1.evil.example', 403],
  ['localhost.evil.example', 403],
  ['evillocalhost', 403],
  ['10.0.0.1', 403],
  ['evil.example@127.0.0.1', 403],
  ['127.0.0.1/evil', 403],
  ['[::2]', 403],
])('a request with the Host %j is answered with %i', async (host, status) => {
  const { send } = await startTestServer({ hosts: ['chat.example'] })
  for (const path of ['/healthz', '/rpc', '/nowhere', '/events', '/rooms/lobby/events']) {
    const answer = await send(path, { headers: { host } })
    expect([path, answer.status === 403]).toEqual([path, status === 403])
  }
  const answer = await send('/', { headers: { host } })
  expect(answer.status).toBe(status)
  if (status === 403)
    expect(JSON.parse(answer.body).error).toMatch(/does not go by the name ".*": call it by the address/)
})

test.each([
  ['http://127.0.0.1:5173', 200],
  ['http://localhost:3000', 200],
  ['http://[::1]:3000', 200],
  ['http://chat.example', 403],
  ['https://evil.example', 403],
  ['http://localhost.evil.example', 403],
  ['null', 403],
  ['', 403],
  ['file://', 403],
])('a request with the Origin %j is answered with %i', async (origin, status) => {
  const { send, hub } = await startTestServer()
  const join = call('join', { username: 'Ada' })
  const answer = await send('/rpc', { ...join, headers: { ...join.headers!, origin } })
  expect(answer.status).toBe(status)
  expect(answer.headers['access-control-allow-origin']).toBe(status === 200 ? origin : undefined)
  if (status === 200) return
  expect(JSON.parse(answer.body).error).toContain('may not use this server')
  await expect(hub.join({ username: 'Ada' })).resolves.toBeDefined()
})

test('[Q2] requests for a page of another site are refused without an Origin too, but a link to the page is not', async () => {
  const { send } = await startTestServer()
  const ada = { username: 'Ada' }
  await send('/register', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(ada),
  })
  for (const site of ['cross-site', 'same-site', 'made-up'])
    for (const mode of ['no-cors', 'navigate'])
      for (const path of ['/events?username=Ada', '/rooms/lobby/events?token=x', '/rpc', '/healthz']) {
        const headers = { 'sec-fetch-site': site, 'sec-fetch-mode': mode }
        const answer = await send(path, { headers })
        expect([path, site, answer.status]).toEqual([path, site, 403])
        expect(answer.body).toContain('Pages from another site may not use this server')
      }
  const link = { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate' }
  expect((await send('/', { headers: link })).status).toBe(200)
  for (const site of ['same-origin', 'none'])
    expect((await send('/healthz', { headers: { 'sec-fetch-site': site } })).status).toBe(200)
  const allowed = { origin: 'http://localhost:3000', 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'cors' }
  expect((await send('/healthz', { headers: allowed })).status).toBe(200)
})

test('a request without a Host header is refused', async () => {
  const { port } = await startTestServer()
  const line = connect(Number(port), '127.0.0.1')
  line.end('GET /healthz HTTP/1.0\r\n\r\n')
  expect(await text(line)).toMatch(/^HTTP\/1\.1 403 /)
})

test('its own origin needs no CORS headers, and another origin of this machine gets a preflight', async () => {
  const { send, url } = await startTestServer({ hosts: ['chat.example'] })
  const sameOrigin = await send('/rpc', {
    ...call('join', { username: 'Ada' }),
    headers: { 'content-type': 'application/json', origin: url },
  })
  expect([sameOrigin.status, sameOrigin.headers['access-control-allow-origin']]).toEqual([200, undefined])
  const proxied = await send('/healthz', { headers: { host: 'chat.example', origin: 'https://chat.example' } })
  expect(proxied.status).toBe(200)
  const headers = { origin: 'http://localhost:5173', 'access-control-request-method': 'POST' }
  const preflight = await send('/rpc', { method: 'OPTIONS', headers })
  expect([preflight.status, preflight.headers['access-control-allow-headers']]).toEqual([
    204,
    expect.stringContaining('authorization'),
  ])
})

test('[W5] a request with a foreign Host is refused before its body is read', async () => {
  const { url } = await startTestServer()
  const req = request(`${url}/rpc`, {
    method: 'POST',
    agent: false,
    headers: { host: 'evil.example', expect: '100-continue', 'content-length': 1e9 },
  })
  const continued: unknown[] = []
  req.on('continue', () => continued.push('continue'))
  req.flushHeaders()
  const [res] = (await once(req, 'response')) as [IncomingMessage]
  expect([res.statusCode, continued]).toEqual([403, []])
  req.destroy()
})

test('a request with Expect: 100-continue is continued and answered', async () => {
  const { send } = await startTestServer()
  const { headers, ...rest } = call('join', { username: 'Ada' })
  const answer = await send('/rpc', { ...rest, headers: { ...headers!, expect: '100-continue' } })
  expect(JSON.parse(answer.body).result.sender_id).toBe('Ada')
})

test('it serves a text and a health check, and explains every 404', async () => {
  const { send } = await startTestServer()
  const answers = [await send('/'), await send('/?a=b'), await send('/', { method: 'HEAD' }), await send('/healthz')]
  expect(answers.map(({ status, body }) => [status, body.slice(0, 15)])).toEqual([
    [200, 'This is a midse'],
    [200, 'This is a midse'],
    [200, ''],
    [200, '{"status":"ok"}'],
  ])
  const nothing = await send('/now%20here?a=b')
  expect([nothing.status, nothing.headers['content-type'], JSON.parse(nothing.body).error]).toEqual([
    404,
    'application/json; charset=utf-8',
    'There is nothing at "/now%20here": rpc.discover describes the calls of this server.',
  ])
  const wrong = await send('/', { method: 'DELETE' })
  expect([wrong.status, wrong.headers.allow]).toEqual([405, 'GET, HEAD'])
  expect((await send('/rooms/lobby/events')).status).toBe(401)
  expect(JSON.parse((await send('/rpc', call('rpc.discover'))).body).result.openrpc).toBeDefined()
})

test.each([
  [{}, 200],
  [{ password: 'sesame' }, 404],
  [{ legacyDialect: true, password: 'sesame' }, 200],
  [{ host: '0.0.0.0', openToAll: true, legacyDialect: true }, 404],
  [{ host: '0.0.0.0', openToAll: true, legacyDialect: 'without-authentication' as const }, 200],
])('with %j clients of the Python server are answered with %i', async (options, status) => {
  const { send } = await startTestServer(options)
  const register = { ...call(''), body: '{"username":"Ada"}' }
  expect((await send('/register', register)).status).toBe(status)
})

test('[Q2] clients of the Python server are served on this machine, unless that is switched off', async () => {
  const register = { ...call(''), body: '{"username":"Ada"}' }
  const on = await startTestServer()
  expect((await on.send('/register', register)).status).toBe(200)
  const off = await startTestServer({ legacyDialect: false })
  expect((await off.send('/register', register)).status).toBe(404)
})

test('it listens for other machines only with authentication or openToAll', async () => {
  await expect(startServer({ host: '0.0.0.0', port: 0 })).rejects.toMatchObject({
    code: 'invalid-params',
    message: expect.stringMatching(
      /^0\.0\.0\.0 can be reached from other machines, .+ Set a password or authenticate,/,
    ),
  })
  const { warning } = await startTestServer({ host: '0.0.0.0', password: 'sesame' })
  expect(warning).toBeUndefined()
})

test('[Q2] with openToAll it refuses clients of the Python server and returns a warning', async () => {
  const { send, url, port, warning } = await startTestServer({ host: '0.0.0.0', openToAll: true })
  expect(url).toBe(`http://127.0.0.1:${port}`)
  expect(warning).toMatch(/^0\.0\.0\.0 can be reached from other machines: .+\.$/)
  expect((await send('/register', { ...call(''), body: '{"username":"Ada"}' })).status).toBe(404)
  expect((await send('/healthz', { headers: { host: 'evil.example' } })).status).toBe(403)
  expect((await startTestServer()).warning).toBeUndefined()
})

test('[W5] under a prefix every path answers with it and, for a proxy that removes it, without it', async () => {
  const { url, port } = await startTestServer({ prefix: '/chat/', adminToken: 'a'.repeat(16) })
  expect(url).toBe(`http://127.0.0.1:${port}/chat`)
  const bare = (path: string, init?: RequestInit) => fetch(`http://127.0.0.1:${port}${path}`, init)
  const admin = { authorization: `Bearer ${'a'.repeat(16)}` }
  const json = { 'content-type': 'application/json' }
  const paths: readonly (readonly [path: string, status: number, init?: RequestInit])[] = [
    ['', 200],
    ['/', 200],
    ['/healthz', 200],
    ['/readyz?x', 200],
    ['/metrics', 200, { headers: admin }],
    ['/rpc', 200, { method: 'POST', body: '{}', headers: json }],
    ['/admin', 200, { method: 'POST', body: '{}', headers: { ...admin, ...json, 'content-length': '2' } }],
    ['/register', 200, { method: 'POST', body: '{"username":"Old"}', headers: json }],
    ['/rooms/lobby/events', 401],
    ['/ws', 426],
    ['/nowhere', 404],
  ]
  for (const [path, status, init] of paths) {
    expect([path, (await bare(`/chat${path}`, init)).status]).toEqual([path, status])
    if (path !== '/register') expect([path, (await bare(path, init)).status]).toEqual([path, status])
  }
  expect((await bare('/chatter')).status).toBe(404)
  const bareRequest = await bare('/chat?a=b', { redirect: 'manual' })
  expect([bareRequest.status, bareRequest.headers.get('location')]).toEqual([308, '/chat/'])
})

test('the text of a server without a page has the paths, with the prefix', async () => {
  const { send } = await startTestServer({ prefix: '/chat' })
  const { body, headers } = await send('/')
  expect(headers['content-type']).toBe('text/plain; charset=utf-8')
  for (const text of ['POST /chat/rpc ', 'GET /chat/ws ', 'rpc.discover']) expect(body).toContain(text)
})
