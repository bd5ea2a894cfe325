import { MidsentenceError, memoryLog } from '@midsentence/core'
import { legacyServer } from '@midsentence/testing/legacy/legacy-server'
import { ask, expected, recordedAnswers } from '@midsentence/testing/legacy/recorded-answers'
import { expect, test } from 'vitest'

test('[Q1] every request is answered as the existing server answers it, or as we said that we do', async () => {
  const { url } = await legacyServer()
  for (const asked of recordedAnswers) {
    expect([asked.what, await ask(url, asked)]).toEqual([asked.what, expected(asked, 'ours')])
  }
})

test('what differs from the existing server is said with its reason', () => {
  const reasons = new Set(recordedAnswers.flatMap(({ ours }) => ours?.why ?? []))
  expect([...reasons]).toMatchInlineSnapshot(`
    [
      "another number would be heard",
      "it does not say where it stopped to understand",
      "it is no JSON",
      "a page of somebody else can send that without being asked",
      "our rooms' names are stricter",
      "nothing was said",
      "a message has to fit a page, and is never cut",
    ]
  `)
})

test('a path of nobody is left to others, untouched', async () => {
  const { url } = await legacyServer()
  for (const target of ['/', '/rpc', '/register/', '//register', '/Register', '/rooms/lobby/events', '/events.json']) {
    const response = await fetch(url + target, { method: 'POST', body: '{}' })
    expect([target, response.status, await response.text()]).toEqual([target, 404, ''])
  }
})

test('a body beyond what a message can hold is refused, and the name stays', async () => {
  const { url, register, send } = await legacyServer({ maxDraft: 100 })
  await register('Ada')
  const long = await send('Ada', 'x'.repeat(80_000))
  expect(long).toEqual({ status: 413, body: { detail: 'The request is too long: send at most 67136 bytes.' } })
  const name = await fetch(`${url}/register`, { method: 'POST', body: 'x'.repeat(10_000) })
  expect(name.status).toBe(413)
  expect(await send('Ada', 'short')).toMatchObject({ status: 200 })
})

test('what the room refuses is refused here, with its reason', async () => {
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

test('a room that is full, and one that is closed, are no reason to choose another name', async () => {
  for (const entry of [{ limit: 1 }, { open: false }]) {
    const policy = { room: () => ({}), limits: () => ({}), access: () => entry }
    const { register } = await legacyServer({}, { policy })
    await register('Ada')
    const [bob] = await register('Bob')
    expect(bob).toMatchObject({ status: 503, body: { detail: expect.stringContaining('lobby') } })
  }
})

test('where it is not known whether a message was written, no answer says that it was not', async () => {
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

test('after the end: names are forgotten, and nobody comes in', async () => {
  const { hub, handlers, register, unregister, send, stream, url } = await legacyServer()
  const native = await hub.join({ username: 'Native' })
  await register('Ada', 'Bob')
  const reader = await stream('Ada').begun()
  await handlers.close()
  await handlers.close()
  await reader.until(({ ended }) => ended)
  expect(native.who().participants).toEqual([{ sender_id: 'Native' }])
  const closing = { status: 503, body: { detail: 'Server is shutting down' } }
  expect(await register('Cy')).toEqual([closing])
  expect(await send('Ada', 'hello')).toEqual(closing)
  expect(await unregister('Ada')).toEqual({ status: 200, body: { success: true } })
  expect((await fetch(`${url}/events?username=Ada`)).status).toBe(403)
})

test('a hub that closes first ends the streams, and is shutting down', async () => {
  const { hub, register, send, stream } = await legacyServer()
  await register('Ada')
  const reader = await stream('Ada').begun()
  await hub.close()
  await reader.until(({ ended }) => ended)
  const closing = { status: 503, body: { detail: 'Server is shutting down' } }
  expect([await send('Ada', 'hello'), await register('Bob')]).toEqual([closing, [closing]])
})
