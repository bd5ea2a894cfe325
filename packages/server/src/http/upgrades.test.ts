import { once } from 'node:events'
import { connect } from 'node:net'
import { text } from 'node:stream/consumers'
import { expect, onTestFinished, test } from 'vitest'
import type { ServerOptions } from '../server-options.ts'
import { startServer } from '../start-server.ts'

/** Starts a server. `dial` sends bytes and resolves with the answer up to `until`, or up to the end of the connection. */
async function startTestServer(options: ServerOptions = {}) {
  const server = await startServer({ port: 0, ...options })
  onTestFinished(() => server.close())
  const dial = async (request: string, until?: string) => {
    const socket = connect(Number(new URL(server.url).port), '127.0.0.1').setEncoding('latin1')
    onTestFinished(() => void socket.destroy())
    socket.write(request)
    if (until === undefined) return text(socket)
    let received = ''
    while (!received.includes(until)) received += (await once(socket, 'data'))[0]
    socket.destroy()
    return received
  }
  return { ...server, dial }
}

const upgrade = (path: string, ...headers: string[]) =>
  [
    `GET ${path} HTTP/1.1`,
    ...headers,
    'Connection: Upgrade',
    'Upgrade: websocket',
    'Sec-WebSocket-Version: 13',
    'Sec-WebSocket-Key: bWlkc2VudGVuY2UgcmVhZA==',
    '\r\n',
  ].join('\r\n')

test.each([
  ['127.0.0.1', undefined, 101],
  ['localhost:8890', 'http://localhost:5173', 101],
  ['[::1]', undefined, 101],
  ['chat.example', 'https://chat.example', 101],
  ['chat.example', 'http://127.0.0.1:3000', 101],
  ['evil.example', undefined, 403],
  ['127.0.0.1.evil.example', undefined, 403],
  ['127.0.0.1', 'https://evil.example', 403],
  ['127.0.0.1', 'http://localhost.evil.example', 403],
  ['127.0.0.1', 'null', 403],
  ['127.0.0.1', 'file://', 403],
  ['127.0.0.1', 'ws://127.0.0.1', 101],
])('a WebSocket upgrade with the Host %j and the Origin %j is answered with %i', async (host, origin, status) => {
  const { dial } = await startTestServer({ hosts: ['chat.example'] })
  const answer = await dial(upgrade('/ws', `Host: ${host}`, ...(origin ? [`Origin: ${origin}`] : [])), '\r\n\r\n')
  expect(answer).toMatch(new RegExp(`^HTTP/1.1 ${status} `))
})

test('an upgrade that a browser makes for another site is refused', async () => {
  const { dial } = await startTestServer()
  const request = upgrade('/ws', 'Host: 127.0.0.1', 'Sec-Fetch-Site: cross-site')
  expect(await dial(request, '\r\n\r\n')).toMatch(/^HTTP\/1.1 403 /)
})

test('a refused upgrade says why, even with a valid token', async () => {
  const { dial, hub } = await startTestServer()
  const { token } = (await hub.join({ username: 'Ada' })).joinResult
  const request = upgrade('/ws', 'Host: evil.example', `Authorization: Bearer ${token}`)
  expect(await dial(request, '}')).toContain('call it by the address')
})

test('only /ws takes WebSockets; other paths ignore the upgrade', async () => {
  const { dial } = await startTestServer()
  expect(await dial(upgrade('/nowhere', 'Host: localhost'), '\r\n\r\n')).toMatch(/^HTTP\/1.1 404 /)
  expect(await dial(upgrade('/healthz', 'Host: localhost'), '}')).toMatch(/^HTTP\/1.1 200 .*"ok"/s)
  expect(await dial('GET /ws HTTP/1.1\r\nHost: localhost\r\n\r\n', '}')).toMatch(/^HTTP\/1.1 426 /)
})

test('a client that offers HTTP/2 is answered in HTTP/1.1 on a reusable connection', async () => {
  const { dial } = await startTestServer()
  const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'join', params: { username: 'Ada' } })
  const post = [
    'POST /rpc HTTP/1.1',
    'Host: localhost',
    'Connection: Upgrade, HTTP2-Settings',
    'Upgrade: h2c',
    'HTTP2-Settings: AAMAAABkAAQCAAAAAAIAAAAA',
    'Content-Type: application/json',
    `Content-Length: ${body.length}`,
    `\r\n${body}`,
  ].join('\r\n')
  expect(await dial(post, '"id":1}')).toContain('"sender_id":"Ada"')
  const next = 'GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n'
  const answers = await dial(`${post.replace('"Ada"', '"Bob"')}${next}`)
  expect([...answers.matchAll(/HTTP\/1.1 (\d+)/g)].map(([, status]) => status)).toEqual(['200', '200'])
})

test.each(['h2c', 'websocket'])('an upgrade to %s during an earlier request closes the connection', async to => {
  const { dial, hub } = await startTestServer()
  const { token } = (await hub.join({ username: 'Ada' })).joinResult
  const body = '{"jsonrpc":"2.0","id":1,"method":"check"}'
  const check = [
    'POST /rpc HTTP/1.1',
    'Host: localhost',
    `Authorization: Bearer ${token}`,
    'Content-Type: application/json',
    `Content-Length: ${body.length}`,
    `\r\n${body}`,
  ].join('\r\n')
  const next = upgrade('/ws', 'Host: localhost').replace('Upgrade: websocket', `Upgrade: ${to}`)
  await expect(dial(`${check}${next}${next}`)).resolves.toBe('')
})

test('WebSockets close with the server, within a second', async () => {
  const { url, close } = await startServer({ port: 0 })
  const socket = connect(Number(new URL(url).port), '127.0.0.1')
  socket.write(upgrade('/ws', 'Host: localhost'))
  await once(socket, 'data')
  const before = performance.now()
  await close()
  expect(performance.now() - before).toBeLessThan(1500)
  socket.destroy()
})

test('[W5] a WebSocket opens under the prefix of the server, and without it', async () => {
  const { dial } = await startTestServer({ prefix: '/chat' })
  for (const [path, status] of [
    ['/chat/ws', 101],
    ['/ws', 101],
    ['/chatter/ws', 404],
  ] as const) {
    expect([path, await dial(upgrade(path, 'Host: 127.0.0.1'), '\r\n')]).toEqual([
      path,
      expect.stringContaining(`HTTP/1.1 ${status}`),
    ])
  }
})
