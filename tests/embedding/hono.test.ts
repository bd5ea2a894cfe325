import type { AddressInfo } from 'node:net'
import { serve } from '@hono/node-server'
import { mcpHttp } from '@midsentence/mcp'
import { fetchHandler } from '@midsentence/transport-sse/server'
import { Hono } from 'hono'
import { expect, onTestFinished, test, vi } from 'vitest'
import { expectConversation, post, testHub } from './serve-app.ts'

const who = { jsonrpc: '2.0', id: 1, method: 'who' }

/** Serves an app on a free port until its test ends. Resolves with its address. */
async function listen(app: Hono): Promise<string> {
  const server = serve({ fetch: app.fetch, port: 0, hostname: '127.0.0.1' })
  onTestFinished(() => {
    if ('closeAllConnections' in server) server.closeAllConnections()
    server.close()
  })
  if (!server.listening) await new Promise<void>(resolve => server.once('listening', resolve))
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

test('[W5] rooms work in a route with a prefix, and mounted without one', async () => {
  const hub = await testHub()
  const [routed, mounted] = [fetchHandler(hub, { prefix: '/chat' }), fetchHandler(hub)]
  onTestFinished(async () => void (await Promise.all([routed.close(), mounted.close()])))
  const app = new Hono().all('/chat/*', c => routed.fetch(c.req.raw))
  app.mount('/talk', mounted.fetch)
  const url = await listen(app)
  await expectConversation(`${url}/chat`)
  expect(await post(`${url}/talk/rpc`, who)).toMatchObject({ status: 200, body: { id: 1 } })
  expect((await fetch(`${url}/chat/nowhere`)).status).toBe(404)
})

test('[V5] a client that disconnects from a stream leaves none', async () => {
  const hub = await testHub()
  const chat = fetchHandler(hub)
  const url = await listen(new Hono().all('*', c => chat.fetch(c.req.raw)))
  const { result } = (await post(`${url}/rpc`, { ...who, method: 'join', params: { username: 'Ada' } })).body
  const gone = new AbortController()
  const stream = await fetch(`${url}/rooms/lobby/events?token=${result.token}`, { signal: gone.signal })
  await stream.body!.getReader().read()
  expect(hub.admin.load().streams).toBe(1)
  gone.abort()
  await vi.waitFor(() => expect(hub.admin.load().streams).toBe(0))
})

test('[C4] a check ends when its client disconnects', async () => {
  const hub = await testHub()
  const chat = fetchHandler(hub)
  const url = await listen(new Hono().all('*', c => chat.fetch(c.req.raw)))
  const { result } = (await post(`${url}/rpc`, { ...who, method: 'join', params: { username: 'Ada' } })).body
  const gone = new AbortController()
  const check = fetch(`${url}/rpc`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${result.token}` },
    body: JSON.stringify({ ...who, method: 'check' }),
    signal: gone.signal,
  })
  await vi.waitFor(() => expect(hub.admin.load().waitingChecks).toBe(1))
  gone.abort()
  await expect(check).rejects.toThrow()
  await vi.waitFor(() => expect(hub.admin.load().waitingChecks).toBe(0))
})

test('[W5] a body that middleware has read is answered at once and reported', async () => {
  const faults: string[] = []
  const chat = fetchHandler(await testHub(), { fault: (_, what) => void faults.push(what) })
  const mcp = mcpHttp({ url: 'http://127.0.0.1:1', version: '0', onError: ({ message }) => void faults.push(message) })
  const app = new Hono().use(async (c, next) => {
    await c.req.raw.text()
    await next()
  })
  app.post('/mcp', c => mcp.fetch(c.req.raw)).all('*', c => chat.fetch(c.req.raw))
  const url = await listen(app)
  const sentence = expect.stringContaining('before any body parser')
  expect(await post(`${url}/rpc`, who)).toEqual({ status: 500, body: { error: sentence } })
  expect(await post(`${url}/mcp`, who, { authorization: 'Bearer x' })).toMatchObject({
    status: 500,
    body: { error: { message: sentence } },
  })
  expect(faults).toEqual(['rpc', sentence])
})

test('MCP over web-standard requests lists its tools, and refuses foreign hosts and callers without a token', async () => {
  const mcp = mcpHttp({ url: 'http://127.0.0.1:1', version: '0', hosts: ['chat.example'] })
  onTestFinished(() => mcp.close())
  const ask = (headers: Record<string, string>) =>
    mcp.fetch(
      new Request('http://chat.example/chat/mcp', {
        method: 'POST',
        headers: {
          host: 'chat.example',
          'content-type': 'application/json',
          accept: 'application/json, text/event-stream',
          'mcp-protocol-version': '2025-11-25',
          authorization: 'Bearer x',
          ...headers,
        },
        body: JSON.stringify({ ...who, method: 'tools/list' }),
      }),
    )
  const answer = await ask({})
  expect([answer.status, await answer.text()]).toEqual([200, expect.stringContaining('"append"')])
  expect((await ask({ host: 'evil.example' })).status).toBe(403)
  expect((await ask({ origin: 'http://evil.example' })).status).toBe(403)
  expect((await ask({ authorization: '' })).status).toBe(401)
})
