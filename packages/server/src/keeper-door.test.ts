import { expect, onTestFinished, test } from 'vitest'
import { startServer } from './start-server.ts'

// biome-ignore lint/suspicious/noExplicitAny: what an answer holds is what each test looks at
const answerOf = async (res: Response) => (await res.json()) as { result?: any; error?: any }

const keeperToken = 'a-token-of-the-keeper'

async function kept() {
  const server = await startServer({ port: 0, keeperToken })
  onTestFinished(() => server.close())
  const call = (path: string, method: string, params: object, token?: string) =>
    fetch(`${server.url}${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...(token && { authorization: `Bearer ${token}` }) },
      body: JSON.stringify({ jsonrpc: '2.0', id: 1, method, params }),
    })
  const result = async (path: string, method: string, params: object = {}, token?: string) =>
    answerOf(await call(path, method, params, token))
  return {
    ...server,
    call,
    result,
    keep: (method: string, params = {}) => result('/admin', method, params, keeperToken),
  }
}

test('a keeper lists rooms and participants, takes somebody out and closes a room', async () => {
  const { result, keep } = await kept()
  const { token, session_id } = (await result('/rpc', 'join', { username: 'Ada' })).result
  expect((await keep('admin.rooms')).result.rooms).toEqual([{ room: 'lobby', closed: false, participants: 1, head: 0 }])
  expect((await keep('admin.participants', { room: 'lobby' })).result.participants).toEqual([
    { sender_id: 'Ada', session_id, away: false, streams: 0 },
  ])
  expect((await keep('admin.participants', { room: 'nowhere' })).error.code).toBe(40012)
  expect((await keep('admin.remove', { room: 'lobby', username: 'Ada', for_ms: 0 })).result).toEqual({ status: 1 })
  expect((await result('/rpc', 'who', {}, token)).error.code).toBe(40010)
  await result('/rpc', 'join', { username: 'Ada' })
  expect((await keep('admin.close', { room: 'lobby' })).result).toEqual({ status: 1, removed: 1 })
  expect((await result('/rpc', 'join', { username: 'Ada' })).error.code).toBe(40012)
  expect((await keep('admin.open', { room: 'lobby' })).result).toEqual({ status: 1 })
  expect((await result('/rpc', 'join', { username: 'Ada' })).result.sender_id).toBe('Ada')
  expect((await keep('rpc.discover')).result.methods.map(({ name }: { name: string }) => name)).toContain('admin.close')
})

test('nobody else reaches it: not without a token, not with that of a session, not by the other door', async () => {
  const { call, result, url } = await kept()
  const { token } = (await result('/rpc', 'join', { username: 'Ada' })).result
  for (const shown of [undefined, token, 'a-token-of-the-keepes', `${keeperToken}!`]) {
    expect((await call('/admin', 'admin.rooms', {}, shown)).status).toBe(401)
    const metrics = await fetch(`${url}/metrics`, shown ? { headers: { authorization: `Bearer ${shown}` } } : {})
    expect([metrics.status, metrics.headers.get('www-authenticate')]).toEqual([401, 'Bearer'])
  }
  expect((await result('/rpc', 'admin.rooms', {}, token)).error.code).toBe(-32601)
  expect((await result('/rpc', 'admin.rooms', {}, keeperToken)).error.code).toBe(-32601)
  expect((await result('/rpc', 'who', {}, keeperToken)).error.code).toBe(40010)
})

test('what is no JSON, or too much, or asked in another way is refused', async () => {
  const { url } = await kept()
  const authorization = `Bearer ${keeperToken}`
  const ask = async (path: string, init: RequestInit, headers: object = {}) =>
    (await fetch(`${url}${path}`, { ...init, headers: { authorization, ...headers } })).status
  expect(await ask('/admin', {})).toBe(405)
  expect(await ask('/metrics', { method: 'POST' })).toBe(405)
  expect(await ask('/admin', { method: 'POST', body: '{}' })).toBe(415)
  const json = { 'content-type': 'application/json' }
  expect(await ask('/admin', { method: 'POST', body: 'x'.repeat(70_000) }, json)).toBe(413)
  expect(await ask('/admin', { method: 'POST', body: '{"jsonrpc":"2.0","method":"admin.rooms"}' }, json)).toBe(204)
})

test('without a keeper there is no such door', async () => {
  const server = await startServer({ port: 0 })
  onTestFinished(() => server.close())
  for (const path of ['/admin', '/metrics']) expect((await fetch(`${server.url}${path}`)).status).toBe(404)
  await expect(startServer({ port: 0, keeperToken: 'short' })).rejects.toThrow(TypeError)
  await expect(startServer({ port: 0, keeperToken: 'long, but with spaces' })).rejects.toThrow(TypeError)
})
