import { virtualClock } from '@midsentence/core'
import { legacyServer } from '@midsentence/testing/legacy/legacy-server'
import { expect, test } from 'vitest'

const joined = (name: string) => `Server: ${name} has joined the chat`
const left = (name: string) => `Server: ${name} has left the chat`

test('[Q1] native and old clients converse and see each other', async () => {
  const { hub, register, unregister, send, stream } = await legacyServer()
  const native = await hub.join({ username: 'Native' })
  const presence: string[] = []
  const listening = await native.subscribe({
    messages: () => true,
    missed: () => {},
    presence: changes => {
      for (const [name, { present }] of changes) presence.push(`${present ? '+' : '-'}${name}`)
    },
    ended: () => {},
  })
  listening.resume()
  await register('Ada')
  const ada = await stream('Ada').begun()
  await send('Ada', 'hello')
  expect(await native.check()).toMatchObject({ status: 1, messages: [{ sender_id: 'Ada', content: 'hello' }] })
  await native.append({ text: 'hi Ada' })
  expect(await native.push()).toMatchObject({ status: 1 })
  const second = await hub.join({ username: 'Second' })
  await second.leave()
  await unregister('Ada')
  await ada.until(({ ended }) => ended)
  expect(ada.lines).toEqual([joined('Ada'), 'Ada: hello', 'Native: hi Ada', joined('Second'), left('Second')])
  expect(presence).toEqual(['+Native', '+Ada', '+Second', '-Second', '-Ada'])
})

test('[L8] [Q1] notices are presence: they are not messages, hold no push and cross nothing', async () => {
  const { hub, register, unregister, send } = await legacyServer()
  const native = await hub.join({ username: 'Native' })
  await native.append({ text: 'first' })
  await register('Ada', 'Bob')
  await unregister('Bob')
  expect(await native.push()).toMatchObject({ status: 1, seq: 1, messages: [] })
  await send('Ada', 'hello')
  expect(await native.check()).toMatchObject({ messages: [{ seq: 2, content: 'hello' }] })
})

test('[Q3] a message of an old client holds a native push, and is never held itself', async () => {
  const { hub, register, send, stream } = await legacyServer()
  const native = await hub.join({ username: 'Native' })
  await register('Ada')
  await native.append({ text: 'mine' })
  await send('Ada', 'crossing')
  expect(await native.push()).toMatchObject({ status: 0, held: true, messages: [{ content: 'crossing' }] })
  expect(await native.push()).toMatchObject({ status: 1, seq: 2 })
  // Ada has no stream yet: she was args nothing since her registration.
  await send('Ada', 'blind')
  const blind = await native.check()
  expect(blind.messages).toMatchObject([{ content: 'blind', base: 0, crossed: [2] }])
  await stream('Ada').until(({ lines }) => lines.at(-1) === 'Ada: blind')
  await send('Ada', 'seeing')
  const [seeing] = (await native.check()).messages
  expect([seeing?.content, seeing?.base, seeing?.crossed]).toEqual(['seeing', 3, undefined])
})

test('[Q3] old clients do not hold the owner of the floor, and do not wait for it', async () => {
  const { hub, register, send } = await legacyServer()
  const native = await hub.join({ username: 'Native' })
  await register('Ada')
  await native.append({ text: 'at last' })
  const held: unknown[] = []
  for (const word of ['one', 'two', 'three']) {
    await send('Ada', word)
    held.push(await native.push())
  }
  expect(held.at(-1)).toMatchObject({ held: true, floor: { name: 'Native' } })
  expect(await send('Ada', 'still talking')).toMatchObject({ status: 200 })
  expect(await native.push()).toMatchObject({ status: 1, crossed: [expect.any(Number)] })
})

test('[Q2] old clients cannot send, stream or unregister under a native name', async () => {
  const { hub, url, register, unregister, send } = await legacyServer()
  const native = await hub.join({ username: 'Native' })
  const other = await hub.join({ username: 'Elsewhere', room: 'den' })
  for (const name of ['Native', 'Elsewhere']) {
    expect(await send(name, 'forged')).toEqual({ status: 404, body: { detail: 'User not registered' } })
    expect((await fetch(`${url}/events?username=${name}`)).status).toBe(403)
    expect(await unregister(name)).toEqual({ status: 200, body: { success: true } })
  }
  const [exact, lower] = await register('Native', 'native')
  expect([exact?.status, lower?.status]).toEqual([409, 409])
  expect((await native.who()).participants).toEqual([{ sender_id: 'Native' }])
  expect((await other.who()).participants).toEqual([{ sender_id: 'Elsewhere' }])
  expect(await native.check({ timeout_ms: 0 })).toMatchObject({ messages: [] })
  expect((await register('Elsewhere'))[0]?.status).toBe(200)
})

test('an away native has not left', async () => {
  const clock = virtualClock()
  const { hub, register, send, stream } = await legacyServer({ clock })
  const native = await hub.join({ username: 'Native', secret: 'sixteen random bytes' })
  await native.check({ timeout_ms: 0 })
  await register('Ada')
  const ada = await stream('Ada').begun()
  await clock.advance(31_000)
  expect(native.joinResult.sender_id).toBe('Native')
  await register('Late')
  const late = await stream('Late').begun()
  await native.append({ text: 'back' })
  await native.push()
  await send('Ada', 'welcome')
  await late.has(3)
  expect((await ada.has(4)).lines).toEqual([joined('Ada'), joined('Late'), 'Native: back', 'Ada: welcome'])
  expect(late.lines).toEqual([joined('Late'), 'Native: back', 'Ada: welcome'])
})

test('the name of a vanished old client is free to join, and then unknown to the old endpoints', async () => {
  const clock = virtualClock()
  const { hub, url, register, send, unregister } = await legacyServer({ clock })
  await register('Ada')
  await clock.advance(1_000_000)
  expect((await send('Ada', 'still here'))?.status).toBe(200)
  await clock.advance(1_000_000)
  const native = await hub.join({ username: 'Ada' })
  expect(await send('Ada', 'forged')).toMatchObject({ status: 404 })
  expect((await fetch(`${url}/events?username=Ada`)).status).toBe(403)
  await unregister('Ada')
  expect((await native.who()).participants).toEqual([{ sender_id: 'Ada' }])
})

test('unused names are removed after a day', async () => {
  const clock = virtualClock()
  const { hub, register, handlers } = await legacyServer({ clock })
  const names = (begin: string, count: number) => Array.from({ length: count }, (_, index) => `${begin}${index}`)
  await register(...names('old', 63))
  await clock.advance(25 * 60 * 60 * 1000)
  const native = await hub.join({ username: 'Native' })
  expect((await native.who()).participants).toHaveLength(1)
  await register(...names('new', 100))
  expect((await native.who()).participants).toHaveLength(101)
  await handlers.close()
  expect((await native.who()).participants).toHaveLength(1)
})
