import { MidsentenceError, memoryLog } from '@midsentence/core'
import { legacyServer } from '@midsentence/testing/legacy/legacy-server'
import { ask, expected, recordedAnswers } from '@midsentence/testing/legacy/recorded-answers'
import { expect, test } from 'vitest'

test('[Q1] every request is answered like by the existing server, except for declared differences', async () => {
  const { url } = await legacyServer()
  for (const asked of recordedAnswers) {
    expect([asked.what, await ask(url, asked)]).toEqual([asked.what, expected(asked, 'ours')])
  }
})

test('each difference from the existing server has a reason', () => {
  const reasons = new Set(recordedAnswers.flatMap(({ ours }) => ours?.why ?? []))
  expect([...reasons]).toMatchInlineSnapshot(`
    [
      "parsing would change the number",
      "the parser does not report its position",
      "NaN is not JSON",
      "a page of another origin can send that without a preflight",
      "our names are stricter",
      "an empty message has no content",
      "a message must fit a page and is never cut",
    ]
  `)
})

test('other paths are left to other handlers', async () => {
  const { url } = await legacyServer()
  for (const target of ['/', '/rpc', '/register/', '//register', '/Register', '/rooms/lobby/events', '/events.json']) {
    const response = await fetch(url + target, { method: 'POST', body: '{}' })
    expect([target, response.status, await response.text()]).toEqual([target, 404, ''])
  }
})

test('a body above the limit is refused, and the name stays registered', async () => {
  const { url, register, send } = await legacyServer({ maxDraft: 100 })
  await register('Ada')
  const long = await send('Ada', 'x'.repeat(80_000))
  expect(long).toEqual({ status: 413, body: { detail: 'The request is too long: send at most 67136 bytes.' } })
  const name = await fetch(`${url}/register`, { method: 'POST', body: 'x'.repeat(10_000) })
  expect(name.status).toBe(413)
  expect(await send('Ada', 'short')).toMatchObject({ status: 200 })
})

test('a refusal of the room is returned with its reason', async () => {
  const content = (content: string) => {
    if (content === 'fast') throw new MidsentenceError('rate-limited', 'Too fast.', { data: { retry_after_ms: 1500 } })
    return content === 'boo' ? ({ allowed: false, reason: 'booing' } as const) : ({ allowed: true } as const)
  }
  const policy = { room: () => ({}), limits: () => ({}), content }
  const { url, register, send, stream } = await legacyServer({}, { policy })
  await register('Ada')
  expect(await send('Ada', 'boo')).toEqual({ status: 403, body: { detail: 'booing' } })
  const headers = { 'content-type': 'application/json' }
  const body = JSON.stringify({ username: 'Ada', message: 'fast' })
  const fast = await fetch(`${url}/send`, { method: 'POST', headers, body })
  expect([fast.status, fast.headers.get('retry-after'), await fast.json()]).toEqual([429, '2', { detail: 'Too fast.' }])
  await send('Ada', 'hurray')
  expect((await stream('Ada').has(2)).lines).toEqual(['Server: Ada has joined the chat', 'Ada: hurray'])
})

test('a full room and a closed room answer 503, not name-taken', async () => {
  for (const entry of [{ limit: 1 }, { open: false }]) {
    const policy = { room: () => ({}), limits: () => ({}), access: () => entry }
    const { register } = await legacyServer({}, { policy })
    await register('Ada')
    const [bob] = await register('Bob')
    expect(bob).toMatchObject({ status: 503, body: { detail: expect.stringContaining('lobby') } })
  }
})

test('if a write may have happened, the answer says that the outcome is not known', async () => {
  const log = memoryLog()
  const faults: unknown[] = []
  const fault = (_: unknown, what: string) => faults.push(what)
  const { register, send } = await legacyServer(
    { fault },
    { log: { ...log, append: () => Promise.reject(new Error('disk')) } },
  )
  await register('Ada')
  expect(await send('Ada', 'hello')).toMatchObject({
    status: 500,
    body: { detail: expect.stringContaining('not known') },
  })
  expect(faults).toEqual(['send'])
})

test('after close names are free, and new requests get 503', async () => {
  const { hub, handlers, register, unregister, send, stream, url } = await legacyServer()
  const native = await hub.join({ username: 'Native' })
  await register('Ada', 'Bob')
  const reader = await stream('Ada').begun()
  await handlers.close()
  await handlers.close()
  await reader.until(({ ended }) => ended)
  expect((await native.who()).participants).toEqual([{ sender_id: 'Native' }])
  const closing = { status: 503, body: { detail: 'Server is shutting down' } }
  expect(await register('Cy')).toEqual([closing])
  expect(await send('Ada', 'hello')).toEqual(closing)
  expect(await unregister('Ada')).toEqual({ status: 200, body: { success: true } })
  expect((await fetch(`${url}/events?username=Ada`)).status).toBe(403)
})

test('when the hub closes first, streams end and requests get 503', async () => {
  const { hub, register, send, stream } = await legacyServer()
  await register('Ada')
  const reader = await stream('Ada').begun()
  await hub.close()
  await reader.until(({ ended }) => ended)
  const closing = { status: 503, body: { detail: 'Server is shutting down' } }
  expect([await send('Ada', 'hello'), await register('Bob')]).toEqual([closing, [closing]])
})
