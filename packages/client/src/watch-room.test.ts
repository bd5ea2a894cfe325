import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { memoryLog, memorySessions, type ScoreRecord } from '@midsentence/core'
import { type Hub, memoryScores, openHub } from '@midsentence/core/hub'

import { oneRecordedRoom, RECORDED } from '@midsentence/testing/harness/score-harness'
import { type SseHandlers, sseHandlers } from '@midsentence/transport-sse/server'
import { expect, onTestFinished, test, vi } from 'vitest'
import { connect } from './connect.ts'
import { listRooms } from './list-rooms.ts'
import { type WatchRoomOptions, watchRoom } from './watch-room.ts'

/** A server over logs that outlive it, on one port. */
async function serving(policy = oneRecordedRoom) {
  const logs = { log: memoryLog(), sessions: memorySessions(), scores: memoryScores() }
  let running: { server: Server; hub: Hub; handlers: SseHandlers }
  let port = 0
  const start = async () => {
    const hub = await openHub({ ...logs, policy })
    const handlers = sseHandlers(hub)
    const server = createServer((req, res) => {
      if (!handlers.handle(req, res)) res.writeHead(404).end()
    }).listen(port, '127.0.0.1')
    await new Promise(resolve => server.once('listening', resolve))
    port = (server.address() as AddressInfo).port
    running = { server, hub, handlers }
  }
  const stop = async () => {
    const { server, hub, handlers } = running
    await handlers.close()
    await hub.close()
    server.closeAllConnections()
    await new Promise(resolve => server.close(resolve))
  }
  await start()
  onTestFinished(stop)
  return { url: `http://127.0.0.1:${port}`, start, stop, hub: () => running.hub }
}

const quick = { minMs: 5, maxMs: 10 }

function watching(options: WatchRoomOptions) {
  const records: ScoreRecord[] = []
  const links: string[] = []
  const outcome: { error?: unknown; completed?: true } = {}
  const subscription = watchRoom({ backoff: quick, ...options }).subscribe({
    next(item) {
      if (item.type === 'record') records.push(item.record)
      if (item.type === 'link') links.push(item.link.state)
    },
    error: error => {
      outcome.error = error
    },
    complete: () => {
      outcome.completed = true
    },
  })
  onTestFinished(() => subscription.unsubscribe())
  return { records, links, outcome }
}

test('[I4] watchRoom gives every record once, in order, also through a restart of the server', async () => {
  const { url, start, stop, hub } = await serving()
  const { records, links } = watching({ url, room: RECORDED })
  const ada = await hub().join({ username: 'Ada', room: RECORDED })
  await ada.append({ text: 'before' })
  await vi.waitFor(() => expect(records.at(-1)).toMatchObject({ type: 'appended', text: 'before' }))
  await stop()
  await vi.waitFor(() => expect(links).toContain('down'))
  await start()
  await hub().loadRoomOf!(ada.joinResult.token)
  await hub().enter(ada.joinResult.token).append({ text: 'after' })
  await vi.waitFor(() => expect(records.at(-1)).toMatchObject({ type: 'appended', text: 'after' }))
  expect(records.map(({ position }) => position)).toEqual(records.map((_, nth) => nth + 1))
  expect(records.map(({ type }) => type)).toEqual(['state', 'joined', 'appended', 'stopped', 'state', 'appended'])
})

test('watchRoom goes on at the next address when its server stops', async () => {
  const [one, two] = [await serving(), await serving()]
  await one.hub().join({ username: 'Ada', room: RECORDED })
  const { records, links } = watching({ url: [one.url, two.url], room: RECORDED })
  await vi.waitFor(() => expect(records.map(({ type }) => type)).toEqual(['state', 'joined']))
  const ada = await two.hub().join({ username: 'Ada', room: RECORDED })
  await ada.append({ text: 'in place of the record of the stop' })
  const later = watching({ url: [two.url], room: RECORDED })
  await vi.waitFor(() => expect(later.records).toHaveLength(3))
  await one.stop()
  await ada.append({ text: 'at two' })
  await vi.waitFor(() => expect(records.at(-1)).toMatchObject({ type: 'appended', text: 'at two' }))
  expect(links).toEqual(['up', 'down', 'down', 'up'])
  await one.start()
})

test('[I2] watchRoom sends the credential, and errors with the sentence of a refusal', async () => {
  const password = 'pass wörd'
  const { url } = await serving({
    ...oneRecordedRoom,
    admit: ({ credential }) =>
      credential === password ? { allowed: true } : { allowed: false, reason: 'the password is wrong' },
  })
  const { links } = watching({ url, room: RECORDED, credential: password })
  await vi.waitFor(() => expect(links).toEqual(['up']))
  for (const [options, message] of [
    [{ room: RECORDED }, /cannot be watched: You may not come in: the password is wrong/],
    [{ room: 'lobby', credential: password }, /There is no room lobby for you here/],
    [{ room: RECORDED, credential: password, from: 99 }, /The newest record is 0/],
  ] as const) {
    const { outcome } = watching({ url, ...options })
    await vi.waitFor(() => expect(outcome.error).toMatchObject({ message: expect.stringMatching(message) }))
  }
})

test('a signal ends a watch', async () => {
  const { url } = await serving()
  const abort = new AbortController()
  const { links, outcome } = watching({ url, room: RECORDED, signal: abort.signal })
  await vi.waitFor(() => expect(links).toEqual(['up']))
  abort.abort()
  expect(outcome).toEqual({ completed: true })
  expect(watching({ url, room: RECORDED, signal: abort.signal }).outcome).toEqual({ completed: true })
})

test('[I9] listRooms gives the list of a server, and says that another has none', async () => {
  const { url, hub } = await serving()
  await hub().join({ username: 'Ada', room: RECORDED })
  expect(await listRooms(`${url}/`)).toMatchObject([{ room: RECORDED, participants: [{ sender_id: 'Ada' }] }])
  await expect(listRooms(`${url}/other`)).rejects.toMatchObject({ message: expect.stringContaining('HTTP status 404') })
  await expect(listRooms('http://127.0.0.1:1')).rejects.toMatchObject({ code: 'unavailable' })
})

test('[I1] [I5] a participant sees that its room is recorded and how many watch, also after a restart', async () => {
  const server = await serving()
  const ada = await connect(server.url, { username: 'Ada', room: RECORDED, backoff: quick })
  onTestFinished(() => ada.close())
  expect([ada.view.recorded, ada.view.watchers]).toEqual([true, 0])
  watching({ url: server.url, room: RECORDED })
  await vi.waitFor(() => expect(ada.view.watchers).toBe(1))
  await server.stop()
  await vi.waitFor(() => expect(ada.view.watchers).toBe(0))
  await server.start()
  await vi.waitFor(() => expect(ada.view.watchers).toBe(1), { timeout: 10_000 })
})
