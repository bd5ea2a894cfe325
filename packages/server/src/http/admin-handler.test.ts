import { expect, onTestFinished, test } from 'vitest'
import { startServer } from '../start-server.ts'

// biome-ignore lint/suspicious/noExplicitAny: each test checks the fields it needs
const parseResponse = async (res: Response) => (await res.json()) as { result?: any; error?: any }

const adminToken = 'an-admin-token-of-a-test'

async function startTestServer() {
  const server = await startServer({ port: 0, adminToken })
  onTestFinished(() => server.close())
  const call = (path: string, method: string, params: object, token?: string) =>
    fetch(`${server.url}${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...(token && { authorization: `Bearer ${token}` }) },
      body: JSON.stringify({ jsonrpc: '2.0', id: 1, method, params }),
    })
  const result = async (path: string, method: string, params: object = {}, token?: string) =>
    parseResponse(await call(path, method, params, token))
  return {
    ...server,
    call,
    result,
    admin: (method: string, params = {}) => result('/admin', method, params, adminToken),
  }
}

test('the admin lists rooms and participants, removes a participant and closes a room', async () => {
  const { result, admin } = await startTestServer()
  const { token, session_id } = (await result('/rpc', 'join', { username: 'Ada' })).result
  expect((await admin('admin.rooms')).result.rooms).toEqual([
    { room: 'lobby', closed: false, participants: 1, head: 0 },
  ])
  expect((await admin('admin.participants', { room: 'lobby' })).result.participants).toEqual([
    { sender_id: 'Ada', session_id, away: false, writing: false, streams: 0 },
  ])
  expect((await admin('admin.participants', { room: 'nowhere' })).error.code).toBe(40012)
  expect((await admin('admin.remove', { room: 'lobby', username: 'Ada', for_ms: 0 })).result).toEqual({ status: 1 })
  expect((await result('/rpc', 'who', {}, token)).error.code).toBe(40010)
  await result('/rpc', 'join', { username: 'Ada' })
  expect((await admin('admin.close', { room: 'lobby' })).result).toEqual({ status: 1, removed: 1 })
  expect((await result('/rpc', 'join', { username: 'Ada' })).error.code).toBe(40012)
  expect((await admin('admin.open', { room: 'lobby' })).result).toEqual({ status: 1 })
  expect((await result('/rpc', 'join', { username: 'Ada' })).result.sender_id).toBe('Ada')
  expect((await admin('rpc.discover')).result.methods.map(({ name }: { name: string }) => name)).toContain(
    'admin.close',
  )
})

test('the admin API is refused without its token, with a session token, and over /rpc', async () => {
  const { call, result, url } = await startTestServer()
  const { token } = (await result('/rpc', 'join', { username: 'Ada' })).result
  for (const shown of [undefined, token, 'an-admin-token-of-a-tesu', `${adminToken}!`]) {
    expect((await call('/admin', 'admin.rooms', {}, shown)).status).toBe(401)
    const metrics = await fetch(`${url}/metrics`, shown ? { headers: { authorization: `Bearer ${shown}` } } : {})
    expect([metrics.status, metrics.headers.get('www-authenticate')]).toEqual([401, 'Bearer'])
  }
  expect((await result('/rpc', 'admin.rooms', {}, token)).error.code).toBe(-32601)
  expect((await result('/rpc', 'admin.rooms', {}, adminToken)).error.code).toBe(-32601)
  expect((await result('/rpc', 'who', {}, adminToken)).error.code).toBe(40010)
})

test('requests with a wrong method, type or size are refused', async () => {
  const { url } = await startTestServer()
  const authorization = `Bearer ${adminToken}`
  const ask = async (path: string, init: RequestInit, headers: object = {}) =>
    (await fetch(`${url}${path}`, { ...init, headers: { authorization, ...headers } })).status
  expect(await ask('/admin', {})).toBe(405)
  expect(await ask('/metrics', { method: 'POST' })).toBe(405)
  expect(await ask('/admin', { method: 'POST', body: '{}' })).toBe(415)
  const json = { 'content-type': 'application/json' }
  expect(await ask('/admin', { method: 'POST', body: 'x'.repeat(70_000) }, json)).toBe(413)
  expect(await ask('/admin', { method: 'POST', body: '{"jsonrpc":"2.0","method":"admin.rooms"}' }, json)).toBe(204)
})

test('without an admin token both paths answer 404', async () => {
  const server = await startServer({ port: 0 })
  onTestFinished(() => server.close())
  for (const path of ['/admin', '/metrics']) expect((await fetch(`${server.url}${path}`)).status).toBe(404)
  await expect(startServer({ port: 0, adminToken: 'short' })).rejects.toThrow(TypeError)
  await expect(startServer({ port: 0, adminToken: 'long, but with spaces' })).rejects.toThrow(TypeError)
})
