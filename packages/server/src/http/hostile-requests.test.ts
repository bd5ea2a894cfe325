import { once } from 'node:events'
import { type IncomingMessage, request } from 'node:http'
import { connect } from 'node:net'
import { text } from 'node:stream/consumers'
import { gzipSync } from 'node:zlib'
import { expect, onTestFinished, test } from 'vitest'
import type { ServerOptions } from '../server-options.ts'
import { startServer } from '../start-server.ts'

interface RequestParts {
  readonly method?: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string | Buffer
}

// biome-ignore lint/suspicious/noExplicitAny: each test checks the fields it needs
const parseResponse = (body: string) => JSON.parse(body) as { result?: any; error?: any }

async function startTestServer(options: ServerOptions = {}) {
  const server = await startServer({ port: 0, ...options })
  onTestFinished(() => server.close())
  const send = async (path: string, { method = 'GET', headers = {}, body }: RequestParts = {}) => {
    const req = request(`${server.url}${path}`, { method, headers, agent: false })
    req.end(body)
    const [res] = (await once(req, 'response')) as [IncomingMessage]
    return res
  }
  const post = (body: string | Buffer, headers: Readonly<Record<string, string>> = {}) =>
    send('/rpc', { method: 'POST', headers: { 'content-type': 'application/json', ...headers }, body })
  const rpc = async (method: string, params: object = {}, token?: string) => {
    const headers: Record<string, string> = token === undefined ? {} : { authorization: `Bearer ${token}` }
    const res = await post(JSON.stringify({ jsonrpc: '2.0', id: 1, method, params }), headers)
    return { res, ...parseResponse(await text(res)) }
  }
  return { ...server, send, post, rpc, port: Number(new URL(server.url).port) }
}

test.each([
  [{}, {}, true],
  [{ host: 'evil.example' }, {}, false],
  [{ origin: 'https://evil.example' }, {}, false],
  [{ host: 'chat.example', origin: 'https://chat.example' }, {}, true],
  [{ host: 'chat.example', origin: 'https://evil.example' }, {}, false],
  [{ origin: 'https://app.example' }, { origins: ['https://app.example'] }, true],
  [{ origin: 'https://app.example.evil.example' }, { origins: ['https://app.example'] }, false],
  [{ origin: 'http://app.example' }, { origins: ['https://app.example'] }, false],
  [{ host: 'evil.example', origin: 'https://app.example' }, { origins: ['https://app.example'] }, false],
  [{ origin: 'null' }, { origins: ['https://app.example'] }, false],
])(
  '[A10] requests and streams with the headers %j and the options %j are allowed: %s',
  async (headers, options, allowed) => {
    const { send, post, rpc } = await startTestServer({ hosts: ['chat.example'], ...options })
    const { token } = (await rpc('join', { username: 'Ada' })).result
    const authorization = `Bearer ${token}`
    const called = await post('{"jsonrpc":"2.0","id":1,"method":"who"}', { ...headers, authorization })
    const stream = await send('/rooms/lobby/events', { headers: { ...headers, authorization } })
    stream.destroy()
    const legacy = await send('/send', {
      method: 'POST',
      headers: { ...headers, 'content-type': 'application/json' },
      body: '{}',
    })
    expect([called.statusCode, stream.statusCode, legacy.statusCode === 403]).toEqual(
      allowed ? [200, 200, false] : [403, 403, true],
    )
    if (allowed) expect(JSON.parse(await text(called)).result.participants).toEqual([{ sender_id: 'Ada' }])
  },
)

test('[A10] without the password no endpoint lets a client join, and no answer reveals the password', async () => {
  const { rpc, send, hub } = await startTestServer({ password: 'open sesame' })
  for (const credential of [undefined, '', 'wrong', 'open sesam']) {
    const { error } = await rpc('join', { username: 'Ada', ...(credential !== undefined && { credential }) })
    expect(error).toMatchObject({ code: 40012, data: { reason: expect.any(String) } })
    expect(JSON.stringify(error)).not.toContain('sesame')
  }
  expect((await send('/events?username=Ada')).statusCode).toBe(404)
  expect(hub.admin?.rooms()).toEqual([])
  const { result } = await rpc('join', { username: 'Ada', credential: 'open sesame' })
  expect((await rpc('who', {}, result.token)).result.participants).toEqual([{ sender_id: 'Ada' }])
})

test('[A1] a token of another room, of an ended session or of one that left opens no stream and makes no call', async () => {
  const { rpc, send } = await startTestServer()
  const stream = async (token: string, room = 'lobby') => {
    const res = await send(`/rooms/${room}/events`, { headers: { authorization: `Bearer ${token}` } })
    res.destroy()
    return res.statusCode
  }
  const ada = (await rpc('join', { username: 'Ada' })).result
  const ben = (await rpc('join', { username: 'Ben', room: 'other' })).result
  expect([await stream(ben.token), await stream(ben.token, 'other')]).toEqual([404, 200])
  await rpc('leave', {}, ada.token)
  expect([await stream(ada.token), (await rpc('append', { text: 'x' }, ada.token)).error.code]).toEqual([401, 40010])
  // Joining under the same name creates another session; the old token stays invalid.
  await rpc('join', { username: 'Ada' })
  expect([await stream(ada.token), (await rpc('push', {}, ada.token)).error.code]).toEqual([401, 40010])
})

test('[A2] a room that a path would change is refused, and no other path reads a room', async () => {
  const { rpc, send } = await startTestServer()
  for (const room of ['.', '..', '...', '%2e', '%2e%2e', 'lobby/', '../lobby', '..%2flobby', 'lobby\\']) {
    expect([room, (await rpc('join', { username: 'Ada', room })).error.code]).toEqual([room, 40012])
  }
  const authorization = `Bearer ${(await rpc('join', { username: 'Ada', room: 'a.' })).result.token}`
  const status = async (path: string) => {
    const res = await send(path, { headers: { authorization } })
    res.destroy()
    return res.statusCode
  }
  expect([await status('/rooms/a./events'), await status('/rooms/%61%2e/events')]).toEqual([200, 200])
  for (const path of ['/rooms/a/events', '/rooms/a.%2f/events', '/rooms/%2fa./events', '/rooms/a.//events']) {
    expect([path, await status(path)]).toEqual([path, 404])
  }
})

test('[A1] a message has the sender of its token, regardless of the parameters', async () => {
  const { rpc } = await startTestServer()
  const ada = (await rpc('join', { username: 'Ada' })).result
  const ben = (await rpc('join', { username: 'Ben' })).result
  const forged = { sender_id: 'Ada', username: 'Ada', session_id: ada.session_id, token: ada.token }
  const { result } = await rpc('publish', { content: 'hi', base: 0, key: 'k', ...forged }, ben.token)
  expect(result.status).toBe(1)
  const checked = (await rpc('check', { timeout_ms: 0 }, ada.token)).result
  expect(checked.messages.map(({ sender_id }: { sender_id: string }) => sender_id)).toEqual(['Ben'])
})

test('[W4] compressed, non-JSON and deeply nested bodies are refused, and the server keeps running', async () => {
  const { post, send, rpc } = await startTestServer()
  const bomb = gzipSync(Buffer.alloc(10 * 2 ** 20, ' '))
  for (const encoding of ['gzip', 'br', 'deflate', 'identity, gzip']) {
    expect((await post(bomb, { 'content-encoding': encoding })).statusCode).toBe(415)
  }
  for (const type of ['text/plain', 'application/x-www-form-urlencoded', 'application/jsonp', '']) {
    const res = await send('/rpc', { method: 'POST', headers: { 'content-type': type }, body: '{}' })
    expect([type, res.statusCode]).toEqual([type, 415])
  }
  const { token } = (await rpc('join', { username: 'Ada' })).result
  const deep = `${'['.repeat(10_000)}${']'.repeat(10_000)}`
  for (const body of [
    deep,
    `{"jsonrpc":"2.0","id":1,"method":"append","params":{"text":${deep}}}`,
    `{"jsonrpc":"2.0","id":1,"method":"publish","params":{"content":"x","base":0,"key":"k","meta":{"a":${deep}}}}`,
    `${'{"a":'.repeat(10_000)}1${'}'.repeat(10_000)}`,
  ]) {
    const answer = JSON.parse(await text(await post(body, { authorization: `Bearer ${token}` })))
    const { error } = Array.isArray(answer) ? answer[0] : answer
    expect([-32600, -32602]).toContain(error.code)
  }
  expect((await post('x'.repeat(9000))).statusCode).toBe(413)
  expect((await rpc('preview', {}, token)).result.draft).toBe('')
})

test('[W4] a call that contains __proto__ or constructor pollutes no prototype', async () => {
  const { post, rpc } = await startTestServer()
  const { token } = (await rpc('join', { username: 'Ada' })).result
  const authorization = `Bearer ${token}`
  for (const body of [
    '{"jsonrpc":"2.0","id":1,"method":"__proto__"}',
    '{"jsonrpc":"2.0","id":1,"method":"constructor"}',
    '{"jsonrpc":"2.0","id":1,"method":"who","__proto__":{"admin":true}}',
    '{"jsonrpc":"2.0","id":1,"method":"append","params":{"__proto__":{"text":"x"}}}',
    '{"jsonrpc":"2.0","id":1,"method":"publish","params":{"content":"x","base":0,"key":"__proto__","meta":{"__proto__":{"admin":true}}}}',
  ]) {
    expect((await post(body, { authorization })).statusCode).toBe(200)
  }
  expect(({} as { admin?: boolean }).admin).toBeUndefined()
  const [message] = (await rpc('check', { timeout_ms: 0, after: 0 }, token)).result.messages
  expect(message).toBeUndefined()
})

test.each([
  ['an override', 'Ada\u202e'],
  ['an isolate', '\u2066Ada'],
  ['a mark', 'A\u200fda'],
  ['a joiner of no width', 'A\u200dda'],
  ['a NUL', 'A\u0000da'],
  ['a line separator', 'A\u2028da'],
  ['a colon', 'Ada: hi'],
  ['a wide colon', 'Ada\uff1a hi'],
  ['the name of the room itself', 'ＳＹＳＴＥＭ'],
  ['an asterisk', '* Ada'],
  ['a Hangul filler', 'Ada\u3164'],
  ['fillers alone', '\u3164\u115f'],
  ['a blank braille pattern', 'Ada\u2800'],
  ['a variation selector', 'Ada\ufe0f'],
  ['a mark on no letter', '\u0301Ada'],
  ['a tab', 'A\tda'],
])('[A2] a name with %s is refused', async (_, username) => {
  const { rpc } = await startTestServer()
  expect((await rpc('join', { username })).error.code).toBe(40011)
})

test('[A2] a look-alike letter of another script makes another name, a full-width letter the same', async () => {
  const { rpc } = await startTestServer()
  expect((await rpc('join', { username: 'Ada' })).result.sender_id).toBe('Ada')
  expect((await rpc('join', { username: 'Ａｄａ' })).error.code).toBe(40011)
  // docs/security.md lists this as a limit.
  expect((await rpc('join', { username: 'Аda' })).result.sender_id).toBe('Аda')
})

test('a client that sends its headers or its body slowly is disconnected', async () => {
  const { port } = await startTestServer({ timeouts: { head_ms: 150, request_ms: 300 } })
  const slow = async (first: string) => {
    const socket = connect(port, '127.0.0.1')
    socket.on('error', () => {})
    socket.write(first)
    // Single bytes do not extend the time limit.
    const drip = setInterval(() => socket.write('a'), 40)
    const answer = await text(socket).catch(() => '')
    clearInterval(drip)
    return answer
  }
  const head = 'POST /rpc HTTP/1.1\r\nhost: localhost\r\n'
  const [byHead, byBody] = await Promise.all([
    slow(`${head}x-slow: `),
    slow(`${head}content-type: application/json\r\ncontent-length: 5000\r\n\r\n{`),
  ])
  expect([byHead, byBody].map(answer => answer.split('\r\n')[0])).toEqual([
    'HTTP/1.1 408 Request Timeout',
    'HTTP/1.1 408 Request Timeout',
  ])
})

test('malformed and oversized headers are refused with the right status', async () => {
  const { port } = await startTestServer()
  const raw = async (bytes: string) => {
    const socket = connect(port, '127.0.0.1')
    socket.on('error', () => {})
    socket.end(bytes)
    return (await text(socket).catch(() => '')).split('\r\n')[0]
  }
  expect(await raw(`GET / HTTP/1.1\r\nhost: localhost\r\nx: ${'y'.repeat(20_000)}\r\n\r\n`)).toContain(' 431 ')
  expect(await raw('GET / HTTP/1.1\r\nhost: a\r\nhost: localhost\r\n\r\n')).toMatch(/ 40[03] /)
  expect(await raw('\x16\x03\x01\x02\x00\x01\x00')).toContain(' 400 ')
  // Two lengths in one request enable request smuggling.
  const smuggled =
    'POST /rpc HTTP/1.1\r\nhost: localhost\r\ncontent-length: 4\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n'
  expect(await raw(smuggled)).toContain(' 400 ')
})

test('cookies are neither set nor read', async () => {
  const { rpc, send } = await startTestServer()
  const { res, result } = await rpc('join', { username: 'Ada' })
  expect(res.headers['set-cookie']).toBeUndefined()
  const stream = await send('/rooms/lobby/events', { headers: { cookie: `token=${result.token}` } })
  expect([stream.statusCode, stream.headers['set-cookie']]).toEqual([401, undefined])
})

test('requests are limited by the client address that the proxy forwards, and loopback is not limited', async () => {
  const address = { per_second: 3, burst: 2 }
  const { send, post } = await startTestServer({ proxies: ['127.0.0.1'], limits: { address } })
  const statusesOf = async (headers: Readonly<Record<string, string>>) => {
    const statuses: (number | undefined)[] = []
    for (let count = 0; count < 6; count++) statuses.push((await send('/healthz', { headers })).statusCode)
    return statuses
  }
  const remote = { 'x-forwarded-for': '192.0.2.1' }
  expect(await statusesOf(remote)).toEqual([200, 200, 200, 200, 200, 429])
  expect(await statusesOf({})).toEqual([200, 200, 200, 200, 200, 200])
  const refused = await post('{}', remote)
  expect([refused.statusCode, Number(refused.headers['retry-after']) > 0]).toEqual([429, true])
})
