import { getEventListeners } from 'node:events'
import { converse } from '@midsentence/agent'
import { roomTools } from '@midsentence/agent/tools'
import { AsyncChatRoom, callServer } from '@midsentence/client'
import { systemClock } from '@midsentence/core'
import { hostedRoomClient, localRoomClient } from '@midsentence/mcp'
import { startServer } from '@midsentence/server'
import { scriptedModel, words } from '@midsentence/testing/agent/scripted-model'
import { expect, onTestFinished, test, vi } from 'vitest'

const CALLS = 50

/** A server, and a signal that outlives the calls that get it. */
async function setUp() {
  const server = await startServer({ port: 0 })
  onTestFinished(() => server.close())
  const { signal } = new AbortController()
  return { server, url: server.url, signal, listeners: () => getEventListeners(signal, 'abort').length }
}

/** Runs `call` 50 times and checks that no more listeners are left than before. Node.js warns from 11 listeners on. */
async function expectNoneLeft(listeners: () => number, call: (n: number) => Promise<unknown>): Promise<void> {
  await call(CALLS)
  const before = listeners()
  for (let n = 0; n < CALLS; n++) await call(n)
  await vi.waitFor(() => expect(listeners()).toBe(before))
}

test.each(['sse', 'ws'])('calls of a room leave no listeners on its signal, nor on theirs, over %s', async protocol => {
  const { url, signal, listeners } = await setUp()
  const room = new AsyncChatRoom({ url: protocol === 'ws' ? url.replace('http', 'ws') : url, username: 'Ada', signal })
  onTestFinished(() => room.close())
  await expectNoneLeft(listeners, async n => {
    await room.append(`${n}`)
    await room.push({ signal })
    await room.check({ timeout_ms: n % 2, signal })
  })
  expect(listeners()).toBeLessThan(5)
})

test('calls of tools leave no listeners on their signal', async () => {
  const { server, url, signal, listeners } = await setUp()
  const room = new AsyncChatRoom({ url, username: 'Ada' })
  onTestFinished(() => room.close())
  const { joinResult } = await server.hub.join({ username: 'Ben', secret: '0123456789abcdef0123' })
  const hosted = hostedRoomClient({ url, token: joinResult.token })
  const local = localRoomClient(room)
  const tools = roomTools(room)
  for (const call of [
    (name: 'append' | 'push' | 'check', args: object) => hosted.call(name, args, signal),
    (name: 'append' | 'push' | 'check', args: object) => local.call(name, args, signal),
    (name: 'append' | 'push' | 'check', args: object) => tools.call(name, args, { signal }),
  ]) {
    await expectNoneLeft(listeners, async n => {
      await call('append', { text: `${n}` })
      await call('push', {})
      await call('check', { timeout_ms: n % 2 })
    })
  }
  await expectNoneLeft(listeners, () => callServer(url, 'who', {}, { token: joinResult.token, signal }))
})

test('turns of a model leave no listeners on the signal that ends it', async () => {
  const { url, signal, listeners } = await setUp()
  const stopping = new AbortController()
  const rooms = ['Ada', 'Claude'].map(username => new AsyncChatRoom({ url, username }))
  onTestFinished(async () => {
    for (const room of rooms) await room.close()
  })
  const [ada, claude] = rooms
  const { model, prompts } = scriptedModel({ clock: systemClock(), say: ({ call }) => words(`This is ${call}.`) })
  const ended = converse({ model, room: claude!, signal: stopping.signal })
  const counts: number[] = []
  for (let n = 0; n < CALLS; n++) {
    await ada!.append(`${n}`)
    await ada!.push()
    await ada!.check({ timeout_ms: 5000 })
    counts.push(getEventListeners(stopping.signal, 'abort').length)
  }
  expect(prompts.length).toBeGreaterThan(10)
  expect(Math.max(...counts)).toBeLessThan(6)
  stopping.abort()
  await ended.catch(() => {})
  expect([signal.aborted, listeners()]).toEqual([false, 0])
})
