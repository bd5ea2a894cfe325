import { newHub } from '@midsentence/testing/harness/hub-harness'
import { expect, test } from 'vitest'
import { memoryLog } from '../memory/memory-log.ts'
import { memorySessions } from '../memory/memory-sessions.ts'

const full = { code: 'unavailable', data: { retry_after_ms: 10_000 } }

/** The bound holds with `bounds`, and the same steps exceed it with the default ones. */
const bounded = (
  title: string,
  run: (bounds: Record<string, number>, holds: boolean) => Promise<void>,
  bounds: object,
) => {
  test(title, () => run(bounds as Record<string, number>, true))
  test(`${title}: not without it`, () => run({}, false))
}

bounded(
  '[A12] a join above the bound of sessions is refused while none has lapsed, else it ends the one that lapsed first',
  async (bounds, holds) => {
    const { hub, join, clock } = await newHub({ bounds })
    const ada = await join('Ada')
    await ada.append({ text: 'x' })
    await clock.advance(1)
    const bo = await join('Bo')
    await bo.append({ text: 'x' })
    if (!holds) return void (await join('Cy'))
    await expect(join('Cy')).rejects.toMatchObject(full)
    await bo.leave()
    await (await join('Cy')).append({ text: 'x' })
    await clock.advance(90_000)
    await join('Di')
    expect(() => hub.enter(ada.joinResult.token)).toThrow(expect.objectContaining({ code: 'session-unknown' }))
    expect(hub.admin.load().lapsed + hub.admin.load().sessions).toBeLessThanOrEqual(2)
  },
  { sessions: 2 },
)

test('[A12] a session of a room that is not in memory ends for a join above the bound, also in its log', async () => {
  const logs = { log: memoryLog(), sessions: memorySessions() }
  const { hub, join, clock } = await newHub({ ...logs, bounds: { sessions: 2 } })
  const tokens: string[] = []
  for (const [name, room] of [
    ['Ada', 'one'],
    ['Bo', 'two'],
  ] as const) {
    const session = await join(name, room)
    await session.append({ text: 'x' })
    tokens.push(session.joinResult.token)
  }
  await clock.advance(150_000)
  expect(hub.admin.load()).toMatchObject({ rooms: 0, lapsed: 2 })
  await join('Cy', 'three')
  expect(hub.loadRoomOf(tokens[0]!)).toBeUndefined()
  await hub.loadRoomOf(tokens[1]!)
  await hub.enter(tokens[1]!).resume()
  await hub.close()
  const rooms: string[] = []
  for await (const room of logs.sessions.rooms()) rooms.push(room)
  expect(rooms.sort()).toEqual(['three', 'two'])
})

bounded(
  '[A12] at the bound of rooms the one that is idle for longest leaves memory, else another is refused',
  async (bounds, holds) => {
    const { hub, join } = await newHub({ bounds })
    const ada = await join('Ada', 'one')
    await join('Ada', 'two')
    if (!holds) return void (await join('Ada', 'three'))
    await expect(join('Ada', 'three')).rejects.toMatchObject(full)
    await ada.leave()
    await join('Ada', 'three')
    expect(hub.admin.rooms().map(({ room }) => room)).toEqual(['two', 'three'])
  },
  { rooms: 2 },
)

bounded(
  '[A12] a stream above the bound of a session ends its oldest stream',
  async (bounds, holds) => {
    const { join, listen } = await newHub({ bounds })
    const ada = await join('Ada')
    const streams = [await listen(ada), await listen(ada), await listen(ada)]
    const ended = streams.map(({ reason }) => reason !== undefined)
    expect(ended).toEqual([holds, false, false])
  },
  { streams: 2 },
)

bounded(
  '[A12] a call above the bound of a session is refused with a time to try again, and nothing is done',
  async (bounds, holds) => {
    const { join } = await newHub({ bounds })
    const ada = await join('Ada')
    const calls = await Promise.allSettled(['a', 'b', 'c'].map(text => ada.append({ text })))
    expect(calls.map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled', holds ? 'rejected' : 'fulfilled'])
    if (!holds) return
    expect(calls[2]).toMatchObject({ reason: { code: 'rate-limited', data: { retry_after_ms: 1000 } } })
    expect(await ada.append({ text: 'c' })).toMatchObject({ suffix: 'abc' })
  },
  { calls: 2 },
)

bounded(
  '[A12] an observer above the bound of a room is refused',
  async (bounds, holds) => {
    const access = () => ({ observable: true })
    const { hub, join } = await newHub({ bounds, policy: { room: () => ({}), limits: () => ({}), access } })
    await join('Ada')
    const observe = () => hub.observe('lobby', { presence() {}, draft() {}, messages() {}, ended() {} })
    const stop = observe()
    if (!holds) return void observe()
    expect(observe).toThrow(expect.objectContaining(full))
    stop()
    observe()
  },
  { observers: 1 },
)

bounded(
  '[A12] the list keeps the newest rooms that left memory, up to its bound',
  async (bounds, holds) => {
    const policy = { room: () => ({}), limits: () => ({}), access: () => ({ listed: true }) }
    const { hub, join, clock } = await newHub({ bounds, policy, times: { room_idle_ms: 0 } })
    for (const room of ['first', 'second', 'third']) {
      await (await join('Ada', room)).leave()
      await clock.advance(10)
    }
    expect(hub.admin.load().rooms).toBe(0)
    const shown = hub.listed!().map(({ room }) => room)
    expect(shown).toEqual(holds ? ['third', 'second'] : ['third', 'second', 'first'])
  },
  { listed_rooms: 2 },
)

bounded(
  '[A12] a ban above the bound replaces the one that ends first',
  async (bounds, holds) => {
    const { hub, join } = await newHub({ bounds })
    for (const [name, for_ms] of [
      ['Ada', 1000],
      ['Bo', 9000],
      ['Cy', 9000],
    ] as const) {
      await join(name)
      await hub.admin.remove('lobby', name, for_ms)
    }
    const allowed = await Promise.all(
      ['Ada', 'Bo', 'Cy'].map(name =>
        join(name).then(
          () => true,
          () => false,
        ),
      ),
    )
    expect(allowed).toEqual([holds, false, false])
  },
  { bans: 2 },
)

bounded(
  '[A12] a room above the bound of closed rooms is not closed',
  async (bounds, holds) => {
    const { hub } = await newHub({ bounds })
    await hub.admin.close('one')
    if (!holds) return void (await hub.admin.close('two'))
    await expect(hub.admin.close('two')).rejects.toMatchObject({ code: 'unavailable' })
    hub.admin.open('one')
    await hub.admin.close('two')
  },
  { closed_rooms: 1 },
)

bounded(
  '[A12] a hushed room above the bound replaces the one that left memory first',
  async (bounds, holds) => {
    const { hub, clock } = await newHub({ bounds })
    for (const room of ['one', 'two']) {
      const ada = await hub.join({ username: 'Ada', room, person: true })
      ada.hush(true)
      await ada.leave()
    }
    await clock.advance(60_000)
    await hub.join({ username: 'Ada', room: 'one' })
    await hub.join({ username: 'Ada', room: 'two' })
    const hushed = hub.admin.rooms().map(({ hushed = false }) => hushed)
    expect(hushed).toEqual([!holds, true])
  },
  { hushed_rooms: 1 },
)
