import { once } from 'node:events'
import { type IncomingMessage, request } from 'node:http'
import { connect } from 'node:net'
import { text } from 'node:stream/consumers'
import { expect, onTestFinished, test } from 'vitest'
import type { ServerOptions } from './server-options.ts'
import { startServer } from './start-server.ts'

interface Asked {
  readonly method?: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string
}

/** A server, and how to ask it with any head. */
async function serving(options: ServerOptions = {}) {
  const server = await startServer({ port: 0, ...options })
  onTestFinished(() => server.close())
  const ask = async (path: string, { method = 'GET', headers = {}, body }: Asked = {}) => {
    const req = request(`${server.url}${path}`, { method, headers, agent: false })
    req.end(body)
    const [res] = (await once(req, 'response')) as [IncomingMessage]
    return { status: res.statusCode, headers: res.headers, body: await text(res) }
  }
  return { ...server, ask, port: new URL(server.url).port }
}

const call = (method: string, params: object = {}): Asked => ({
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
])('called by the name %j it answers %i', async (host, status) => {
  const { ask } = await serving({ hosts: ['chat.example'] })
  for (const path of ['/healthz', '/rpc', '/nowhere', '/events', '/rooms/lobby/events']) {
    const answer = await ask(path, { headers: { host } })
    expect([path, answer.status === 403]).toEqual([path, status === 403])
  }
  const answer = await ask('/', { headers: { host } })
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
])('a page from %j is answered with %i', async (origin, status) => {
  const { ask, hub } = await serving()
  const join = call('join', { username: 'Ada' })
  const answer = await ask('/rpc', { ...join, headers: { ...join.headers!, origin } })
  expect(answer.status).toBe(status)
  expect(answer.headers['access-control-allow-origin']).toBe(status === 200 ? origin : undefined)
  if (status === 200) return
  expect(JSON.parse(answer.body).error).toContain('may not use this server')
  await expect(hub.join({ username: 'Ada' })).resolves.toBeDefined()
})

test('called by no name it turns away', async () => {
  const { port } = await serving()
  const line = connect(Number(port), '127.0.0.1')
  line.end('GET /healthz HTTP/1.0\r\n\r\n')
  expect(await text(line)).toMatch(/^HTTP\/1\.1 403 /)
})

test('a page of its own needs no leave, and one of this machine asks first', async () => {
  const { ask, url } = await serving({ hosts: ['chat.example'] })
  const own = await ask('/rpc', {
    ...call('join', { username: 'Ada' }),
    headers: { 'content-type': 'application/json', origin: url },
  })
  expect([own.status, own.headers['access-control-allow-origin']]).toEqual([200, undefined])
  const behind = await ask('/healthz', { headers: { host: 'chat.example', origin: 'https://chat.example' } })
  expect(behind.status).toBe(200)
  const headers = { origin: 'http://localhost:5173', 'access-control-request-method': 'POST' }
  const asked = await ask('/rpc', { method: 'OPTIONS', headers })
  expect([asked.status, asked.headers['access-control-allow-headers']]).toEqual([
    204,
    expect.stringContaining('authorization'),
  ])
})

test('[W5] who is turned away is turned away before its body is read', async () => {
  const { url } = await serving()
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

test('who asks whether to go on is told so, and answered', async () => {
  const { ask } = await serving()
  const { headers, ...rest } = call('join', { username: 'Ada' })
  const answer = await ask('/rpc', { ...rest, headers: { ...headers!, expect: '100-continue' } })
  expect(JSON.parse(answer.body).result.sender_id).toBe('Ada')
})

test('there is a page, a sign of health, and a sentence for everything else', async () => {
  const { ask } = await serving()
  const answers = [await ask('/'), await ask('/?a=b'), await ask('/', { method: 'HEAD' }), await ask('/healthz')]
  expect(answers.map(({ status, body }) => [status, body.slice(0, 15)])).toEqual([
    [200, '<!doctype html>'],
    [200, '<!doctype html>'],
    [200, ''],
    [200, '{"status":"ok"}'],
  ])
  const nothing = await ask('/now%20here?a=b')
  expect([nothing.status, nothing.headers['content-type'], JSON.parse(nothing.body).error]).toEqual([
    404,
    'application/json; charset=utf-8',
    'There is nothing at "/now%20here": GET / says what there is.',
  ])
  const wrong = await ask('/', { method: 'DELETE' })
  expect([wrong.status, wrong.headers.allow]).toEqual([405, 'GET, HEAD'])
  expect((await ask('/rooms/lobby/events')).status).toBe(401)
  expect(JSON.parse((await ask('/rpc', call('rpc.discover'))).body).result.openrpc).toBeDefined()
})

test.each([
  [{}, 200],
  [{ password: 'sesame' }, 404],
  [{ legacyDialect: true, password: 'sesame' }, 200],
  [{ host: '0.0.0.0', openToAll: true, legacyDialect: true }, 404],
  [{ host: '0.0.0.0', openToAll: true, legacyDialect: 'without-authentication' as const }, 200],
])('with %j old clients are answered with %i', async (options, status) => {
  const { ask } = await serving(options)
  const register = { ...call(''), body: '{"username":"Ada"}' }
  expect((await ask('/register', register)).status).toBe(status)
})

test('[Q2] old clients are served on this machine, unless that is switched off', async () => {
  const register = { ...call(''), body: '{"username":"Ada"}' }
  const on = await serving()
  expect((await on.ask('/register', register)).status).toBe(200)
  const off = await serving({ legacyDialect: false })
  expect((await off.ask('/register', register)).status).toBe(404)
})

test('beyond this machine it starts only where it asks who comes, or where that it does not is meant', async () => {
  await expect(startServer({ host: '0.0.0.0', port: 0 })).rejects.toMatchObject({
    code: 'invalid-params',
    message: expect.stringMatching(
      /^0\.0\.0\.0 can be reached from other machines, .+ Set a password or authenticate,/,
    ),
  })
  const { warning } = await serving({ host: '0.0.0.0', password: 'sesame' })
  expect(warning).toBeUndefined()
})

test('[Q2] beyond this machine old clients are not served, and whoever opens it to all is warned', async () => {
  const { ask, url, port, warning } = await serving({ host: '0.0.0.0', openToAll: true })
  expect(url).toBe(`http://127.0.0.1:${port}`)
  expect(warning).toMatch(/^0\.0\.0\.0 can be reached from other machines: .+\.$/)
  expect((await ask('/register', { ...call(''), body: '{"username":"Ada"}' })).status).toBe(404)
  expect((await ask('/healthz', { headers: { host: 'evil.example' } })).status).toBe(403)
  expect((await serving()).warning).toBeUndefined()
})
