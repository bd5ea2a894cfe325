import { createServer } from 'node:http'
import { type AddressInfo, connect as connectTo } from 'node:net'
import { openHub } from '@midsentence/core/hub'
import { freePort } from '@midsentence/testing/legacy/python-server'
import { hubServer } from '@midsentence/testing/servers/hub-server'
import { sseHandlers } from '@midsentence/transport-sse/server'
import { expect, onTestFinished, test } from 'vitest'
import { AsyncChatRoom } from './async-chat-room.ts'
import { connect } from './connect.ts'

/** Starts a server that takes WebSockets; `url` is its `ws://` address. */
async function startServer() {
  const server = await hubServer()
  onTestFinished(() => server.close())
  return { ...server, url: server.url.replace('http', 'ws') }
}

/** Starts a server without WebSockets. It answers upgrades with `refusal`, ignores them (""), or stays silent (undefined). */
async function startHttpServer(refusal?: string) {
  const hub = await openHub()
  const handlers = sseHandlers(hub)
  const server = createServer((req, res) => void (handlers.handle(req, res) || res.writeHead(404).end()))
  if (refusal !== '') {
    server.on('upgrade', (_, socket) => {
      socket.on('error', () => {})
      if (refusal !== undefined) socket.end(refusal)
    })
  }
  server.listen(0, '127.0.0.1')
  await new Promise(resolve => server.once('listening', resolve))
  onTestFinished(async () => {
    await handlers.close()
    await hub.close()
    server.closeAllConnections()
    server.close()
  })
  return { url: `ws://127.0.0.1:${(server.address() as AddressInfo).port}` }
}

test('two participants converse over WebSockets, and a held push returns the unseen message', async () => {
  const { url } = await startServer()
  const claude = new AsyncChatRoom({ url, username: 'Claude' })
  const gpt = new AsyncChatRoom({ url: `${url}/ws`, username: 'GPT' })
  await claude.append('')
  expect(await gpt.append('anyone here?')).toBe('')
  expect(await gpt.push()).toBe('')
  expect(await claude.check()).toBe('GPT: anyone here?')
  await claude.append("yeah, i'm here")
  await gpt.append('hello?')
  await gpt.push()
  expect(await claude.push()).toMatch(/^GPT: hello\?\n\* Not sent yet: 1 message arrived/)
  expect(await claude.push()).toBe('')
  expect(await gpt.check()).toBe("Claude: yeah, i'm here")
  expect((await claude.participant()).view.link).toEqual({ state: 'up' })
  await Promise.all([claude.close(), gpt.close()])
})

test.each([
  ['with 400', 'HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\nconnection: close\r\n\r\n', 'the server answered 400'],
  ['with 502', 'HTTP/1.1 502 Bad Gateway\r\ncontent-length: 0\r\nconnection: close\r\n\r\n', 'the server answered 502'],
  ['with bytes that are not HTTP', 'hello', 'no WebSocket could be opened'],
  ['by a server without an upgrade listener', '', 'the server answered 404'],
  ['by silence', undefined, 'no answer came within 1.5 seconds'],
])('a WebSocket refused %s is replaced by server-sent events, and the link says so', async (_, refusal, reason) => {
  const { url } = await startHttpServer(refusal)
  const ada = await connect(url, { username: 'Ada' })
  const ben = await connect(url, { username: 'Ben' })
  await ada.append('hello')
  expect(await ada.push()).toMatchObject({ status: 1 })
  expect((await ben.check()).messages).toMatchObject([{ content: 'hello' }])
  const notice = `No WebSocket can be opened to ${url}: ${reason}. Server-sent events are used instead.`
  expect(ada.view.link).toEqual({ state: 'up', notice })
  await Promise.all([ada.close(), ben.close()])
})

test('if no server answers, the error says what to start, and no fallback is tried', async () => {
  const url = `ws://127.0.0.1:${await freePort()}`
  const requests: unknown[] = []
  const fetch = (target: unknown) => {
    requests.push(target)
    return Promise.reject(new Error('no'))
  }
  const sentence = /^No midsentence server answers at ws:.*: nobody answers there\. Start one there \(npx midsentence/
  await expect(connect(url, { username: 'Claude', fetch })).rejects.toThrow(sentence)
  expect(requests).toEqual([])
})

test('of several servers it uses the first that answers', async () => {
  const { url } = await startServer()
  const unused = `ws://127.0.0.1:${await freePort()}`
  const participant = await connect([unused, url], { username: 'Claude' })
  expect(await participant.append('hi')).toMatchObject({ status: 1 })
  await participant.close()
  await expect(connect([url, url.replace('ws', 'http')], { username: 'Claude' })).rejects.toThrow(/of one kind/)
})

test('[N2] a redirect of the upgrade names its target, and no fallback is tried', async () => {
  const { url } = await startHttpServer(
    'HTTP/1.1 308 Moved\r\nlocation: https://chat.example/below/ws\r\ncontent-length: 0\r\nconnection: close\r\n\r\n',
  )
  await expect(connect(url, { username: 'Ada' })).rejects.toThrow(
    `The server at ${url} redirects to wss://chat.example/below: use that address instead.`,
  )
})

test('a WebSocket below a path is opened there', async () => {
  const { url } = await startServer()
  const { hostname, port } = new URL(url)
  const proxy = createServer().listen(0, '127.0.0.1')
  proxy.on('upgrade', (req, near) => {
    const far = connectTo(Number(port), hostname)
    for (const socket of [near, far]) socket.on('error', () => {})
    const path = req.url!.replace(/^\/chat\//, '/')
    const headers = Object.entries(req.headers).map(([name, value]) => `${name}: ${value}\r\n`)
    far.write(`GET ${path} HTTP/1.1\r\n${headers.join('')}\r\n`)
    near.pipe(far).pipe(near)
  })
  await new Promise(resolve => proxy.once('listening', resolve))
  onTestFinished(() => void proxy.close())
  const below = `ws://127.0.0.1:${(proxy.address() as AddressInfo).port}/chat`
  for (const address of [below, `${below}/`, `${below}/ws`]) {
    const ada = await connect(address, { username: 'Ada' })
    expect(ada.view.link).toEqual({ state: 'up' })
    await ada.close()
  }
})
