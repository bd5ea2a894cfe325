import type { IncomingMessage } from 'node:http'
import { mcpHttp } from '@midsentence/mcp'
import { legacyHandlers } from '@midsentence/transport-sse/legacy'
import { sseHandlers } from '@midsentence/transport-sse/server'
import { wsUpgrade } from '@midsentence/transport-ws/server'
import express, { type RequestHandler, Router } from 'express'
import { expect, onTestFinished, test, vi } from 'vitest'
import { WebSocket } from 'ws'
import { expectConversation, post, serveApp, testHub } from './serve-app.ts'

const who = { jsonrpc: '2.0', id: 1, method: 'who' }
const noSession = { status: 200, body: { id: 1, error: { code: 40010 } } }
const anything = { type: () => true }

/** Reads the request and leaves nothing of it. */
const drain: RequestHandler = (req, _, next) => {
  req.resume().once('end', next)
}
/** Reads a part of the request. */
const sip: RequestHandler = (req, _, next) => {
  req.once('data', () => {
    req.pause()
    next()
  })
}
const withBody =
  (body: unknown): RequestHandler =>
  (req, _, next) => {
    req.body = body
    next()
  }

test.each<[name: string, before: readonly RequestHandler[]]>([
  ['no parser', []],
  ['express.json()', [express.json()]],
  ['express.json() and urlencoded()', [express.json(), express.urlencoded({ extended: true })]],
  ['express.text()', [express.text(anything)]],
  ['express.raw()', [express.raw(anything)]],
  ['a parser that left an empty object and read nothing', [withBody({})]],
  [
    'middleware that pauses the request',
    [
      (req, _, next) => {
        req.pause()
        setImmediate(next)
      },
    ],
  ],
])('[W5] after %s, rooms work under a path', async (_, before) => {
  const chat = sseHandlers(await testHub())
  onTestFinished(() => chat.close())
  const { url } = await serveApp(
    express()
      .use(...withRoot(before))
      .use('/chat', chat.handle),
  )
  await expectConversation(`${url}/chat`)
})

/** Express takes no empty list. */
const withRoot = (handlers: readonly RequestHandler[]): [RequestHandler, ...RequestHandler[]] => [
  (_req, _res, next) => next(),
  ...handlers,
]

test.each<[name: string, taker: readonly [RequestHandler, ...RequestHandler[]]]>([
  ['middleware reads it', [drain]],
  ['middleware reads a part of it', [sip]],
  ['what was read is no JSON value', [drain, withBody(() => {})]],
])('[W5] a body that is gone is answered at once and reported: %s', async (_, taker) => {
  const faults: string[] = []
  const fault = (_: unknown, what: string) => void faults.push(what)
  const hub = await testHub()
  const [chat, legacy] = [sseHandlers(hub, { fault }), legacyHandlers(hub, { fault })]
  const mcp = mcpHttp({ url: 'http://127.0.0.1:1', version: '0', onError: ({ message }) => void faults.push(message) })
  const app = express()
    .use(...taker)
    .use('/chat', chat.handle, legacy.handle)
    .use('/mcp', mcp.handle)
  const { url } = await serveApp(app)
  const sentence = expect.stringContaining('before any body parser')
  expect(await post(`${url}/chat/rpc`, who)).toEqual({ status: 500, body: { error: sentence } })
  expect(await post(`${url}/chat/register`, { username: 'Old' })).toEqual({ status: 500, body: { detail: sentence } })
  const initialize = { jsonrpc: '2.0', id: 1, method: 'ping' }
  expect(await post(`${url}/mcp`, initialize, { authorization: 'Bearer x' })).toMatchObject({
    status: 500,
    body: { error: { message: sentence } },
  })
  expect(faults).toEqual(['rpc', 'register', sentence])
})

test('[W6] a parsed body has the same limit', async () => {
  const chat = sseHandlers(await testHub())
  const { url } = await serveApp(express().use(express.json()).use(chat.handle))
  const long = { ...who, params: { text: 'x'.repeat(8200) } }
  expect((await post(`${url}/rpc`, long)).status).toBe(413)
  expect(await post(`${url}/rpc`, who)).toMatchObject(noSession)
})

test('[W1] a parsed batch and a parsed notification are answered as unparsed ones', async () => {
  const chat = sseHandlers(await testHub())
  const { url } = await serveApp(express().use(express.json()).use(chat.handle))
  expect(await post(`${url}/rpc`, [who, { ...who, id: 'b' }])).toMatchObject({ body: [{ id: 1 }, { id: 'b' }] })
  expect(await post(`${url}/rpc`, { jsonrpc: '2.0', method: 'who' })).toEqual({ status: 204, body: undefined })
  expect(await post(`${url}/rpc`, '{}')).toMatchObject({ status: 200, body: { error: { code: -32600 } } })
})

test('[W5] a prefix may be removed by a mount, be kept by a route, or lie in a nested router', async () => {
  const chat = sseHandlers(await testHub(), { prefix: '/chat' })
  const mounted = await serveApp(express().use('/chat', chat.handle))
  const routed = await serveApp(express().all('/chat/*path', chat.handle))
  const nested = await serveApp(express().use('/api', Router().use('/chat', chat.handle)))
  expect(await post(`${mounted.url}/chat/rpc`, who)).toMatchObject(noSession)
  expect(await post(`${routed.url}/chat/rpc`, who)).toMatchObject(noSession)
  expect((await fetch(`${nested.url}/api/chat/rpc`, { method: 'POST' })).status).toBe(404)
  const deep = sseHandlers(await testHub(), { prefix: '/api/chat' })
  const { url } = await serveApp(express().use('/api', Router().use('/chat', deep.handle)))
  expect(await post(`${url}/api/chat/rpc`, who)).toMatchObject(noSession)
})

test('other paths go to the next handler', async () => {
  const hub = await testHub()
  const [chat, sockets] = [sseHandlers(hub), wsUpgrade(hub)]
  const app = express().use(chat.handle, sockets.handle, legacyHandlers(hub).handle)
  const { url } = await serveApp(app.get('/mine', (_, res) => void res.send('mine')))
  expect(await (await fetch(`${url}/mine`)).text()).toBe('mine')
  expect((await fetch(`${url}/nowhere`)).status).toBe(404)
  expect((await fetch(`${url}/ws`)).status).toBe(426)
})

test('[W5] a WebSocket opens under the prefix, beside the app', async () => {
  const sockets = wsUpgrade(await testHub(), { prefix: '/chat' })
  onTestFinished(() => sockets.close())
  const { url, server } = await serveApp(express().use('/chat', sockets.handle))
  server.on('upgrade', (req, socket, head) => void (sockets.upgrade(req, socket, head) || socket.destroy()))
  expect((await fetch(`${url}/chat/ws`)).status).toBe(426)
  const socket = new WebSocket(`${url.replace('http', 'ws')}/chat/ws`)
  onTestFinished(() => socket.terminate())
  const answer = new Promise<string>(resolve => socket.once('message', data => resolve(String(data))))
  socket.once('open', () => socket.send(JSON.stringify(who)))
  expect(JSON.parse(await answer)).toMatchObject(noSession.body)
  // No stream is served here that the client could fall back to.
  await expectConversation(`${url.replace('http', 'ws')}/chat`)
})

test.each<[name: string, parsers: readonly RequestHandler[]]>([
  ['no parser', []],
  ['express.json()', [express.json()]],
  ['express.text()', [express.text(anything)]],
  ['express.raw()', [express.raw(anything)]],
])('MCP over HTTP works under a path after %s', async (_, parsers) => {
  const mcp = mcpHttp({ url: 'http://127.0.0.1:1', version: '0' })
  onTestFinished(() => mcp.close())
  const { url } = await serveApp(
    express()
      .use(...withRoot(parsers))
      .use('/chat/mcp', mcp.handle),
  )
  const tools = { jsonrpc: '2.0', id: 1, method: 'tools/list' }
  const response = await fetch(`${url}/chat/mcp`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      accept: 'application/json, text/event-stream',
      authorization: 'Bearer x',
      'mcp-protocol-version': '2025-11-25',
    },
    body: JSON.stringify(tools),
    signal: AbortSignal.timeout(3000),
  })
  expect([response.status, await response.text()]).toEqual([200, expect.stringContaining('"append"')])
})

test('the legacy dialect works under a prefix after a body parser', async () => {
  const legacy = legacyHandlers(await testHub(), { prefix: '/old' })
  onTestFinished(() => legacy.close())
  const { url } = await serveApp(express().use(express.json()).all('/old/*path', legacy.handle))
  expect(await post(`${url}/old/register`, { username: 'Old' })).toMatchObject({ status: 200 })
  const events = await fetch(`${url}/old/events?username=Old`)
  expect(events.status).toBe(200)
  const first = await events.body!.getReader().read()
  expect(new TextDecoder().decode(first.value)).toContain('Old has joined')
  expect(await post(`${url}/old/send`, { username: 'Old', message: 'hello' })).toMatchObject({ status: 200 })
})

test('[C4] middleware that answers first, at a time limit, ends the check and leaves no stream', async () => {
  const hub = await testHub()
  const faults: string[] = []
  const chat = sseHandlers(hub, { fault: (_, what) => void faults.push(what) })
  const timeUp: (() => void)[] = []
  const app = express().use((req, res, next) => {
    const limit = req.headers['x-limit']
    if (limit) timeUp.push(() => void (limit === 'late' ? res.write('Still') : res.sendStatus(503)))
    next()
  })
  const { url } = await serveApp(app.use(chat.handle))
  const join = async (username: string) =>
    (await post(`${url}/rpc`, { ...who, method: 'join', params: { username } })).body.result.token as string
  const [ada, ben] = [await join('Ada'), await join('Ben')]
  const limited = { authorization: `Bearer ${ada}`, 'x-limit': 'yes' }
  const check = post(`${url}/rpc`, { ...who, method: 'check' }, limited).catch(() => undefined)
  await vi.waitFor(() => expect([timeUp.length, hub.admin.load().waitingChecks]).toEqual([1, 1]))
  timeUp[0]!()
  await check
  await vi.waitFor(() => expect(hub.admin.load().waitingChecks).toBe(0))
  const stream = await fetch(`${url}/rooms/lobby/events`, { headers: limited })
  const gone = new AbortController()
  const late = { authorization: `Bearer ${ada}`, 'content-type': 'application/json', 'x-limit': 'late' }
  const body = JSON.stringify({ ...who, method: 'check' })
  const begun = fetch(`${url}/rpc`, { method: 'POST', headers: late, body, signal: gone.signal })
  await vi.waitFor(() => expect([timeUp.length, hub.admin.load().waitingChecks]).toEqual([3, 1]))
  timeUp[2]!()
  expect([stream.status, (await begun).status]).toEqual([200, 200])
  const byBen = { authorization: `Bearer ${ben}` }
  await post(`${url}/rpc`, { ...who, method: 'append', params: { text: 'hello' } }, byBen)
  expect((await post(`${url}/rpc`, { ...who, method: 'push' }, byBen)).body.result.status).toBe(1)
  gone.abort()
  await stream.body!.cancel()
  const missed = { ...who, method: 'check', params: { after: 0 } }
  expect((await post(`${url}/rpc`, missed, { authorization: `Bearer ${ada}` })).body.result.messages).toHaveLength(1)
  await vi.waitFor(() => expect(hub.admin.load()).toMatchObject({ waitingChecks: 0, streams: 0 }))
  expect(faults).toEqual([])
})

test('a request whose connection is gone is not answered and calls nothing', async () => {
  const addressOf = vi.fn((_: IncomingMessage) => '')
  const chat = sseHandlers(await testHub(), { addressOf })
  let seen = () => {}
  const closed = new Promise<void>(resolve => {
    seen = resolve
  })
  const app = express().use((req, res, next) => {
    res.once('close', () =>
      setImmediate(() => {
        next()
        seen()
      }),
    )
    req.socket.destroy()
  })
  const { url } = await serveApp(app.use(chat.handle))
  await expect(post(`${url}/rpc`, { ...who, method: 'join', params: { username: 'Ada' } })).rejects.toThrow()
  await closed
  expect(addressOf).not.toHaveBeenCalled()
})
