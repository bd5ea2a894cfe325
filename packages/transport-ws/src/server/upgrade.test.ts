import { virtualClock } from '@midsentence/core'
import { StreamingHub } from '@midsentence/testing/sse/streaming-hub'
import { serveWs } from '@midsentence/testing/ws/serve-ws'
import { expect, test, vi } from 'vitest'

const answered = ({ closed, status }: { closed: boolean; status: number }) => closed || status > 0

test.each([
  ['an unknown token', '/ws', 'authorization: Bearer eve\r\n', 401],
  ['an unknown token in the query', '/ws?token=eve', '', 401],
  ['a token in the query', '/ws?token=ada', '', 101],
  ['no token', '/ws', '', 101],
  ['an empty token', '/ws?token=', '', 101],
  ['a cursor above the shown seq', '/ws?after=9', 'authorization: Bearer ada\r\n', 400],
  ['a cursor that is a word', '/ws?after=x', 'authorization: Bearer ada\r\n', 400],
  ['two cursors', '/ws?after=0&after=0', 'authorization: Bearer ada\r\n', 400],
  ['a cursor without a token', '/ws?after=0', '', 400],
  ['a cursor', '/ws?after=0', 'authorization: Bearer ada\r\n', 101],
  ['an empty cursor', '/ws?after=', 'authorization: Bearer ada\r\n', 101],
  ['an empty cursor without a token', '/ws?after=', '', 101],
  ['a whole URL', 'http://x/ws', 'authorization: Bearer ada\r\n', 101],
  ['another path', '/ws/lobby', 'authorization: Bearer ada\r\n', 404],
])('%s: %s with %j is answered with %4$i', async (_, path, headers, status) => {
  const fake = new StreamingHub()
  fake.shown = 0
  const { dial } = await serveWs(fake.hub)
  const socket = await dial(path, headers).until(answered)
  expect(socket.status).toBe(status)
  if (status === 101) return
  await socket.until(({ closed }) => closed)
  expect(fake.readers.size).toBe(0)
  if (status === 404) return
  const { error } = JSON.parse(socket.body)
  expect(error).toMatch(/^[A-Z].*\.$/)
  expect(error).not.toContain('eve')
})

test('a request without an upgrade gets 426', async () => {
  const { url } = await serveWs(new StreamingHub().hub)
  const response = await fetch(`${url}/ws`)
  expect([response.status, response.headers.get('upgrade')]).toEqual([426, 'websocket'])
  expect((await response.json()).error).toContain('WebSocket')
  expect((await fetch(`${url}/other`)).status).toBe(404)
})

test('[W5] below a prefix, only its paths are served', async () => {
  const { dial, url } = await serveWs(new StreamingHub().hub, { prefix: '/chat/' })
  const token = 'authorization: Bearer ada\r\n'
  for (const [path, status] of [
    ['/chat/ws', 101],
    ['/chat/ws?token=ada&after=0', 101],
    ['/ws', 404],
    ['/chatter/ws', 404],
    ['/chat/chat/ws', 404],
  ] as const) {
    const socket = await dial(path, token).until(answered)
    expect([path, socket.status]).toEqual([path, status])
  }
  expect((await fetch(`${url}/chat/ws`)).status).toBe(426)
  expect((await fetch(`${url}/ws`)).status).toBe(404)
})

test('an invalid upgrade is rejected and leaves no subscription', async () => {
  const fake = new StreamingHub()
  const { url } = await serveWs(fake.hub)
  const headers = { upgrade: 'websocket', connection: 'upgrade', authorization: 'Bearer ada' }
  const { request } = await import('node:http')
  const req = request(`${url}/ws`, { headers: { ...headers, 'sec-websocket-version': '13' } }).end()
  const status = await new Promise(resolve => req.once('response', ({ statusCode }) => resolve(statusCode)))
  expect(status).toBe(400)
  expect(fake.readers.size).toBe(0)
})

test('a disconnect during the upgrade leaves no subscription', async () => {
  const fake = new StreamingHub()
  const gate = fake.hold()
  const { enter } = await serveWs(fake.hub)
  const socket = enter()
  await gate.asked
  socket.socket.destroy()
  await socket.until(({ closed }) => closed)
  await new Promise(setImmediate)
  gate.release()
  await vi.waitFor(() => expect(fake.readers.size).toBe(0))
})

test('an internal error reaches the log but not the caller', async () => {
  const fake = new StreamingHub()
  fake.gate = () => Promise.reject(new Error('secret'))
  const fault = vi.fn()
  const { enter } = await serveWs(fake.hub, { fault })
  const socket = await enter().until(({ closed }) => closed)
  expect([socket.status, socket.body.includes('secret')]).toEqual([500, false])
  expect(fault.mock.calls).toEqual([[expect.any(Error), 'ws']])
})

test('close ends all sockets, stalled ones within a second, and rejects new ones', async () => {
  const fake = new StreamingHub()
  const clock = virtualClock()
  const { upgrades, enter, dial } = await serveWs(fake.hub, { clock })
  const [good, slow] = [enter(), enter()]
  for (const socket of [good, slow]) await socket.until(({ received }) => received.length > 0)
  slow.socket.pause()
  const gate = fake.hold()
  const late = enter()
  await gate.asked
  const closed = upgrades.close()
  expect(upgrades.close()).toBe(closed)
  gate.release()
  const refused = await dial().until(({ closed }) => closed)
  await late.until(({ closed }) => closed)
  expect([refused.status, late.status]).toEqual([503, 503])
  await good.until(({ closing }) => closing !== undefined)
  expect(good.closing).toEqual([1001, expect.stringContaining('closing')])
  await clock.advance(1000)
  await closed
  expect(fake.readers.size).toBe(0)
  expect(clock.pending).toBe(0)
})
