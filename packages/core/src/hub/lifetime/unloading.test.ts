import { newHub, recordEvents } from '@midsentence/testing/harness/hub-harness'
import { describe, expect, test } from 'vitest'
import { memoryLog } from '../../memory/memory-log.ts'
import { memorySessions } from '../../memory/memory-sessions.ts'
import type { SessionRecord } from '../../ports/session-log.ts'
import type { HubOptions } from '../hub-options.ts'

const secret = 'a secret of enough bytes'
const LAPSE_MS = 90_000
const IDLE_MS = 60_000
const unloaded = { rooms: 0, sessions: 0 }
const unknown = expect.objectContaining({ code: 'session-unknown' })

const durable = () => ({ log: memoryLog(), sessions: memorySessions() })

/** A hub in which Ada's session lapsed and its room left memory, unless `options` keep it. */
async function afterIdling(options: HubOptions = durable()) {
  const opened = await newHub(options)
  const ada = await opened.hub.join({ username: 'Ada', secret })
  await ada.append({ text: 'mid-' })
  await opened.clock.advance(LAPSE_MS + IDLE_MS)
  return { ...opened, ada, token: ada.joinResult.token, load: () => opened.hub.admin.load() }
}

describe('a room that is idle for 60 s', () => {
  test('[A12] leaves memory with its lapsed sessions, and their token opens it again', async () => {
    const { hub, ada, token, load, clock } = await afterIdling()
    expect(load()).toMatchObject({ ...unloaded, unloadedRooms: 1, lapsed: 1 })
    expect(ada.unloaded).toBe(true)
    await expect(ada.append({ text: 'x' })).rejects.toMatchObject({ code: 'unavailable' })
    await hub.loadRoomOf(token)
    expect(load()).toMatchObject({ rooms: 1, unloadedRooms: 0, lapsed: 1 })
    const again = hub.enter(token)
    expect(await again.append({ text: 'sentence' })).toMatchObject({ suffix: 'mid-sentence' })
    expect(await again.push({ key: 'k' })).toMatchObject({ status: 1, seq: 1 })
    expect(hub.loadRoomOf(token)).toBeUndefined()
    // It goes again, with the message, and its key is known still.
    await clock.advance(LAPSE_MS + IDLE_MS)
    expect(load()).toMatchObject(unloaded)
    await hub.loadRoomOf(token)
    expect(await hub.enter(token).push({ key: 'k' })).toMatchObject({ status: 1, seq: 1 })
  })

  // The bound lifted: the same room stays.
  test('[A12] stays in memory where its time is longer', async () => {
    const { load } = await afterIdling({ ...durable(), times: { room_idle_ms: 10 * IDLE_MS } })
    expect(load()).toMatchObject({ rooms: 1, unloadedRooms: 0, lapsed: 1 })
  })

  test('[A12] is found by the secret of a session, and by another name', async () => {
    const { hub, token } = await afterIdling()
    const again = await hub.join({ username: 'Ada', secret })
    expect(again.joinResult.token).toBe(token)
    expect(await again.resume()).toMatchObject({ suffix: 'mid-', sender_id: 'Ada' })
    expect((await hub.join({ username: 'Bo' })).who().participants).toHaveLength(2)
  })

  test('[A12] answers `enter` with `unavailable` and opens', async () => {
    const { hub, token, clock } = await afterIdling()
    expect(() => hub.enter(token)).toThrow(expect.objectContaining({ code: 'unavailable' }))
    await clock.settle()
    expect(await hub.enter(token).resume()).toMatchObject({ suffix: 'mid-' })
  })

  test('[A12] waits for its logs to be written before it opens again', async () => {
    const sessions = memorySessions()
    let release = () => {}
    let held: Promise<void> | undefined
    const slow = {
      ...sessions,
      append: async (room: string, records: readonly SessionRecord[], expected: string) => {
        const head = await sessions.append(room, records, expected)
        await held
        return head
      },
    }
    const { hub, clock } = await newHub({ log: memoryLog(), sessions: slow, times: { room_idle_ms: 0 } })
    const ada = await hub.join({ username: 'Ada', secret })
    await ada.append({ text: 'kept' })
    held = new Promise(resolve => {
      release = resolve
    })
    await clock.advance(LAPSE_MS)
    expect(hub.admin.load()).toMatchObject(unloaded)
    let opened = false
    const joining = hub.join({ username: 'Ada', secret }).then(session => {
      opened = true
      return session
    })
    await clock.settle()
    expect(opened).toBe(false)
    release()
    expect(await (await joining).resume()).toMatchObject({ suffix: 'kept' })
  })

  test('[A12] stays while somebody has a place, watches or waits', async () => {
    const access = () => ({ observable: true })
    const { hub, clock } = await newHub({ ...durable(), policy: { room: () => ({}), limits: () => ({}), access } })
    const ada = await hub.join({ username: 'Ada', room: 'listened' })
    await (await ada.subscribe(recordEvents())).resume()
    const bo = await hub.join({ username: 'Bo', room: 'watched' })
    const stop = hub.observe('watched', { presence() {}, draft() {}, messages() {}, ended() {} })
    await bo.leave()
    await clock.advance(3600_000)
    expect(hub.admin.load()).toMatchObject({ rooms: 2 })
    stop()
    await clock.advance(2 * IDLE_MS)
    expect(hub.admin.load()).toMatchObject({ rooms: 1, unloadedRooms: 0, sessions: 1 })
  })

  test('[A12] without a session log stays while it has sessions, and goes with the last', async () => {
    const { hub, ada, load } = await afterIdling({})
    expect(load()).toMatchObject({ rooms: 1, lapsed: 1 })
    await ada.leave()
    const opened = await newHub({})
    const bo = await opened.hub.join({ username: 'Bo' })
    await opened.say(bo, 'said')
    await bo.leave()
    await opened.clock.advance(IDLE_MS)
    expect(opened.hub.admin.load()).toMatchObject(unloaded)
    expect((await opened.hub.join({ username: 'Cy' })).joinResult.cursor).toBe(1)
    await hub.close()
  })

  test('[A12] stays hushed', async () => {
    const { hub, clock } = await newHub(durable())
    const ada = await hub.join({ username: 'Ada', person: true })
    ada.hush(true)
    const model = await hub.join({ username: 'Model' })
    await model.append({ text: 'x' })
    await clock.advance(LAPSE_MS + IDLE_MS)
    expect(hub.admin.load()).toMatchObject(unloaded)
    await hub.loadRoomOf(model.joinResult.token)
    await expect(hub.enter(model.joinResult.token).push()).rejects.toMatchObject({ code: 'rate-limited' })
  })
})

describe('sessions of a room that is not in memory', () => {
  test('[A4] end 24 h after their last use, also without a call', async () => {
    const logs = durable()
    const { hub, token, load, clock } = await afterIdling(logs)
    await clock.advance(24 * 3600_000 - LAPSE_MS - IDLE_MS - 1)
    expect(load()).toMatchObject({ lapsed: 1 })
    await clock.advance(1)
    expect(load()).toMatchObject({ lapsed: 0, unloadedRooms: 0, rooms: 0 })
    expect(() => hub.enter(token)).toThrow(unknown)
    const rooms: string[] = []
    for await (const room of logs.sessions.rooms()) rooms.push(room)
    expect(rooms).toEqual([])
  })

  test('[A4] are ended by an admin', async () => {
    const { hub, token } = await afterIdling()
    expect(await hub.admin.remove('lobby', 'Ada')).toBe(true)
    expect(() => hub.enter(token)).toThrow(unknown)
  })

  test('[A4] do not begin their 24 h again at a restart, and their rooms open at their first use', async () => {
    const logs = durable()
    const { hub, clock, token } = await afterIdling(logs)
    await hub.close()
    // 150 s were used up.
    await clock.advance(23 * 3600_000)
    const next = await newHub({ ...logs, clock })
    expect(next.hub.admin.load()).toMatchObject({ ...unloaded, unloadedRooms: 1, lapsed: 1 })
    await next.hub.loadRoomOf(token)
    expect(next.hub.admin.load()).toMatchObject({ rooms: 1, lapsed: 1 })
    await clock.advance(3600_000 - LAPSE_MS - IDLE_MS - 1)
    expect(next.hub.admin.load()).toMatchObject({ lapsed: 1 })
    await clock.advance(1)
    expect(next.hub.admin.load()).toMatchObject({ lapsed: 0 })
    await expect(next.hub.join({ username: 'Ada', secret })).resolves.toMatchObject({ unloaded: false })
    expect(() => next.hub.enter(token)).toThrow(unknown)
  })

  test('[A4] that expired during a restart are ended', async () => {
    const logs = durable()
    const { hub, clock, token } = await afterIdling(logs)
    await hub.close()
    await clock.advance(24 * 3600_000)
    const next = await newHub({ ...logs, clock })
    await clock.advance(1)
    expect(next.hub.admin.load()).toMatchObject({ lapsed: 0, unloadedRooms: 0 })
    expect(() => next.hub.enter(token)).toThrow(unknown)
  })

  test('[A4] write a small fact when they lapse and return', async () => {
    const sessions = memorySessions()
    const types: string[] = []
    const recorded = {
      ...sessions,
      append: (room: string, records: readonly SessionRecord[], expected: string) => {
        for (const { fact } of records) types.push(fact.type)
        return sessions.append(room, records, expected)
      },
    }
    const { clock, ada } = await afterIdling({ log: memoryLog(), sessions: recorded, times: { room_idle_ms: 1e9 } })
    await ada.append({ text: 'x' })
    await clock.settle()
    expect(types).toEqual(['opened', 'acted', 'lapsed', 'returned', 'acted'])
  })
})
