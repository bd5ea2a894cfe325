import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { expect, onTestFinished, test } from 'vitest'
import { hostedRoomClient, MAX_CALLS } from './hosted/hosted-room-client.ts'
import { MAX_REQUESTS_OF_TOKEN, mcpHttp } from './mcp-http.ts'
import type { RoomClient } from './room-client.ts'
import { RoomClients } from './room-clients.ts'

/** A server that knows the token `known`. */
async function startServer(onCall: (method: string, token: string) => void = () => {}): Promise<string> {
  const answerTo = async (req: IncomingMessage) => {
    const { id, method } = JSON.parse(await text(req))
    onCall(method, String(req.headers.authorization).replace('Bearer ', ''))
    if (req.headers.authorization !== 'Bearer known') return { id, error: { code: 40010, message: 'No such session.' } }
    const result = method === 'who' ? { participants: [] } : { sender_id: 'Ada', cursor: 0, room: 'lobby' }
    return { id, result }
  }
  const server = createServer(async (req, res) => {
    const answer = { jsonrpc: '2.0', ...(await answerTo(req)) }
    res.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(answer))
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => void server.close())
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

test('a token counts as known once the server has confirmed its session, so that made-up ones take no place', async () => {
  const url = await startServer()
  const known: string[] = []
  for (const token of ['made-up', 'known']) {
    const client = hostedRoomClient({ url, token, onSession: () => known.push(token) })
    await client.call('who', {}, new AbortController().signal)
  }
  expect(known).toEqual(['known'])
})

/** A server of midsentence that answers nothing. */
async function startSilentServer(): Promise<string> {
  const server = createServer(() => {})
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => void server.close().closeAllConnections())
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

test('[W5] of one token, 20 MCP requests are answered at once, and more are refused until one ends', async () => {
  const mcp = mcpHttp({ url: await startSilentServer(), version: '1.0.0' })
  onTestFinished(() => mcp.close())
  const ask = (token: string, signal: AbortSignal | null = null) => {
    const headers = {
      ...{ authorization: `Bearer ${token}`, 'content-type': 'application/json', host: 'localhost' },
      accept: 'application/json, text/event-stream',
    }
    const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'ping' })
    return mcp.fetch(new Request('http://localhost/mcp', { method: 'POST', headers, body, signal }))
  }
  const statusesOf = async (token: string, count: number) =>
    (await Promise.all(Array.from({ length: count }, () => ask(token)))).map(({ status }) => status)
  const refused = (await statusesOf('one', MAX_REQUESTS_OF_TOKEN + 5)).filter(status => status === 429)
  expect(refused).toHaveLength(5)
  expect(await statusesOf('two', MAX_REQUESTS_OF_TOKEN)).not.toContain(429)
  expect(await statusesOf('one', 1)).not.toContain(429)
})

/** A server where Ada says something while the first `append` waits. Later calls bring it, from where they have read. */
async function startServerWithSlowAppend() {
  const message = {
    message_id: 'm1',
    seq: 1,
    sender_id: 'Ada',
    content: 'Are you there?',
    timestamp: '2026-01-01T00:00:00Z',
  }
  let said = false
  let release = () => {}
  const released = new Promise<void>(resolve => {
    release = () => {
      said = true
      resolve()
    }
  })
  const server = createServer(async (req, res) => {
    const { id, method, params } = JSON.parse(await text(req))
    if (method === 'append') await released
    const messages = said && params.after === 0 ? [message] : []
    const draft = { status: 1, suffix: 'x', accepted: 1, dropped: 0 }
    const result = { ...draft, messages, cursor: said ? 1 : 0, sender_id: 'GPT', room: 'lobby' }
    const who = { participants: [] }
    const answer = { jsonrpc: '2.0', id, result: method === 'who' ? who : result }
    res.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(answer))
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => void server.close().closeAllConnections())
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, release: () => release() }
}

test('[U3] a cancellation is taken though as many calls wait as may, so that they swallow no message', async () => {
  const { url, release } = await startServerWithSlowAppend()
  const mcp = mcpHttp({ url, version: '1.0.0' })
  const host = createServer((req, res) => mcp.handle(req, res))
  await new Promise<void>(resolve => host.listen(0, '127.0.0.1', resolve))
  onTestFinished(async () => {
    await mcp.close()
    host.close().closeAllConnections()
  })
  const address = `http://127.0.0.1:${(host.address() as AddressInfo).port}/mcp`
  const headers = {
    ...{ authorization: 'Bearer known', 'content-type': 'application/json' },
    accept: 'application/json, text/event-stream',
  }
  const send = (message: object) =>
    fetch(address, { method: 'POST', headers, body: JSON.stringify({ jsonrpc: '2.0', ...message }) })
  const call = async (id: number, name: string, args: object) =>
    (await send({ id, method: 'tools/call', params: { name, arguments: args } })).text()
  const ids = Array.from({ length: MAX_REQUESTS_OF_TOKEN }, (_, at) => at + 1)
  const calls = ids.map(id => call(id, 'append', { text: 'x' }))
  await expect.poll(async () => (await send({ id: 99, method: 'ping' })).status).toBe(429)
  for (const requestId of ids) {
    const { status } = await send({ method: 'notifications/cancelled', params: { requestId } })
    expect(status).toBe(202)
  }
  release()
  for (const text of await Promise.all(calls)) expect(text).not.toContain('Are you there?')
  expect(await call(100, 'check', { timeout_ms: 0 })).toContain('Are you there?')
})

test('[W5] by fetch, above the bound of a token only small notifications are taken', async () => {
  const mcp = mcpHttp({ url: await startSilentServer(), version: '1.0.0' })
  onTestFinished(() => mcp.close())
  const post = (body: string | ReadableStream, length = {}) => {
    const headers = {
      ...{ authorization: 'Bearer one', 'content-type': 'application/json', host: 'localhost' },
      ...{ accept: 'application/json, text/event-stream', ...length },
    }
    return mcp.fetch(
      new Request('http://localhost/mcp', { method: 'POST', headers, body, duplex: 'half' } as RequestInit),
    )
  }
  const statusOf = async (message: object) => {
    const body = JSON.stringify({ jsonrpc: '2.0', ...message })
    return (await post(body, { 'content-length': `${body.length}` })).status
  }
  for (let at = 0; at < MAX_REQUESTS_OF_TOKEN; at++) void post(new ReadableStream())
  const cancelled = { method: 'notifications/cancelled', params: { requestId: 1 } }
  expect(await statusOf(cancelled)).toBe(202)
  expect(await statusOf({ ...cancelled, params: { requestId: 1, reason: 'x'.repeat(5000) } })).toBe(429)
  expect(await statusOf({ id: 1, method: 'ping' })).toBe(429)
})

test('event streams do not count as requests of their token, and no other request passes for one', async () => {
  const mcp = mcpHttp({ url: await startSilentServer(), version: '1.0.0' })
  onTestFinished(() => mcp.close())
  const ask = (method: string, headers: Record<string, string> = {}) => {
    const params = {
      ...(method === 'events/stream' && { name: 'message' }),
      _meta: {
        'io.modelcontextprotocol/protocolVersion': '2026-07-28',
        'io.modelcontextprotocol/clientCapabilities': {},
      },
    }
    const request = new Request('http://localhost/mcp', {
      method: 'POST',
      headers: {
        ...{ authorization: 'Bearer one', 'content-type': 'application/json', host: 'localhost' },
        ...{
          accept: 'application/json, text/event-stream',
          'mcp-protocol-version': '2026-07-28',
          'mcp-method': method,
        },
        ...headers,
      },
      body: JSON.stringify({ jsonrpc: '2.0', id: 1, method, params }),
    })
    return mcp.fetch(request)
  }
  const later = Promise.resolve().then(() => 'waits')
  const statusOf = async (answer: Promise<Response>) => (await answer).status
  // The server of the rooms answers nothing, so that all of them stay open.
  for (let n = 0; n < 10; n++) void ask('events/stream')
  const statuses = await Promise.all(
    Array.from({ length: MAX_REQUESTS_OF_TOKEN + 1 }, () => statusOf(ask('tools/list'))),
  )
  expect(statuses.filter(status => status === 429)).toHaveLength(1)
  expect(await later).toBe('waits')
  expect(await statusOf(ask('tools/list', { 'mcp-method': 'events/stream' }))).toBe(400)
})

test('[W5] of one participant at most 50 calls wait', async () => {
  const client = hostedRoomClient({ url: await startSilentServer(), token: 'known' })
  const call = () => client.call('who', {}, new AbortController().signal)
  for (let calls = 0; calls < MAX_CALLS; calls++) void call()
  expect(await call()).toEqual({
    failed: true,
    text: expect.stringContaining('50 of your calls wait'),
  })
})

const madeUp = Array.from({ length: 1010 }, (_, at) => `made-up-${at}`)

test('1,010 made-up tokens do not evict a confirmed one, and 1,010 confirmed ones the oldest: the tables are bounded', () => {
  const confirm = new Map<string, () => void>()
  const clients = new RoomClients((token, onSession) => {
    confirm.set(token, onSession)
    return { token } as unknown as RoomClient
  })
  const client = clients.of('known')
  confirm.get('known')!()
  const other = clients.of('not confirmed')
  for (const token of madeUp) clients.of(token)
  expect(clients.size).toEqual({ known: 1, unknown: 100 })
  expect(clients.of('known')).toBe(client)
  // One that is confirmed only after it was pushed out has its place too.
  confirm.get('not confirmed')!()
  expect(clients.of('not confirmed')).toBe(other)
  for (const token of madeUp) {
    clients.of(token)
    confirm.get(token)!()
    // Those in use stay.
    clients.of('known')
  }
  expect(clients.size).toEqual({ known: 1000, unknown: 0 })
  expect(clients.of('known')).toBe(client)
  expect(clients.of('not confirmed')).not.toBe(other)
})

test('over HTTP a confirmed one stays when more made-up tokens come than are kept', async () => {
  const resumed: string[] = []
  const url = await startServer((method, token) => void (method === 'resume' && resumed.push(token)))
  const endpoint = mcpHttp({ url, version: '1' })
  onTestFinished(() => endpoint.close())
  const who = async (token: string): Promise<string> => {
    const headers = {
      authorization: `Bearer ${token}`,
      'content-type': 'application/json',
      accept: 'application/json, text/event-stream',
      host: 'localhost',
    }
    const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name: 'who', arguments: {} } })
    return (await endpoint.fetch(new Request('http://localhost/mcp', { method: 'POST', headers, body }))).text()
  }
  expect(await who('known')).toContain('You are')
  for (let at = 0; at < 110; at += 10) await Promise.all(madeUp.slice(at, at + 10).map(who))
  expect(new Set(resumed).size).toBe(111)
  expect(await who('known')).toContain('You are')
  expect(resumed.filter(token => token === 'known')).toHaveLength(1)
})
