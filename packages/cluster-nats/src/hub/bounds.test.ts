import { virtualClock } from '@midsentence/core'
import type { HubSession } from '@midsentence/core/hub'
import { openClusterHubs } from '@midsentence/testing/cluster/cluster-hubs'
import { expect, onTestFinished, test } from 'vitest'
import type { ClusterHub } from './cluster-hub.ts'
import { RefusedTokens } from './refused-tokens.ts'
import { Router, type RouterDeps } from './router.ts'

async function cluster(servers: number, options: Parameters<typeof openClusterHubs>[1]): Promise<ClusterHub[]> {
  const hubs = await openClusterHubs(servers, options)
  onTestFinished(async () => {
    for (const hub of hubs) await hub.close()
  })
  return hubs
}

test('a server refuses joins above the bound of sessions, of all of its rooms together', async () => {
  const clock = virtualClock()
  const [one] = await cluster(1, { clock, bounds: { sessions: 3 } })
  for (const room of ['a', 'b', 'c']) await one!.join({ username: 'Ada', room })
  const refused = one!.join({ username: 'Ada', room: 'd' })
  await expect(refused).rejects.toMatchObject({ code: 'unavailable', data: { retry_after_ms: 10_000 } })
})

test('a full cluster refuses a join to a new room at once', async () => {
  const clock = virtualClock()
  const hubs = await cluster(2, { clock, bounds: { rooms: 2 } })
  await clock.advance(1000)
  const joins = Array.from({ length: 8 }, (_, nth) => hubs[nth % 2]!.join({ username: 'Ada', room: `room-${nth}` }))
  const outcomes = Promise.allSettled(joins)
  await clock.advance(1000)
  const refused = (await outcomes).filter(outcome => outcome.status === 'rejected')
  expect(refused.length).toBeGreaterThan(3)
  for (const { reason } of refused) expect(reason.message).toContain('This server is full: it has 2 rooms in use.')
})

test('a server owns no more rooms than its bound, and lets those without sessions go', async () => {
  const clock = virtualClock()
  const times = { room_idle_ms: 1000, lapse_ms: 1000 }
  const clusterTimes = { renew_ms: 20_000, term_ms: 60_000, dead_ms: 90_000, locate_ms: 0 }
  const [one] = await cluster(1, { clock, clusterTimes, times, bounds: { rooms: 2 } })
  const a = await one!.join({ username: 'Ada', room: 'a' })
  await one!.join({ username: 'Ada', room: 'b' })
  await expect(one!.join({ username: 'Ada', room: 'c' })).rejects.toMatchObject({ code: 'unavailable' })
  await a.leave()
  await clock.advance(180_000)
  expect((await one!.join({ username: 'Ada', room: 'c' })).joinResult.room).toBe('c')
})

test('[A12, G12] an empty room stays closed, silent, or without a banned name', async () => {
  const clock = virtualClock()
  const [one] = await cluster(1, { clock, times: { room_idle_ms: 1000, lapse_ms: 1000 } })
  const { admin } = one!
  const join = (room: string) => one!.join({ username: 'Ada', room })
  for (const room of ['closed', 'banned', 'hushed', 'plain']) {
    const ada = await join(room)
    if (room === 'hushed') await admin.hush(room, true)
    if (room === 'banned') await admin.remove(room, 'Ada', 600_000)
    else if (room === 'closed') await admin.close(room)
    else await ada.leave()
  }
  await clock.advance(300_000)
  expect(admin.clusterLoad().ownedRooms).toBe(3)
  await expect(join('closed')).rejects.toMatchObject({ code: 'room-unavailable' })
  await expect(join('banned')).rejects.toMatchObject({ code: 'name-taken' })
  const ada = await join('hushed')
  await ada.append({ text: 'x' })
  await expect(ada.push()).rejects.toMatchObject({ data: { reason: 'hushed' } })
  await ada.leave()
  await admin.open('closed')
  await admin.hush('hushed', false).catch(() => undefined)
  await clock.advance(600_000)
  expect((await join('banned')).joinResult.sender_id).toBe('Ada')
})

test('a room that is claimed during its release stays owned', async () => {
  const clock = virtualClock()
  const times = { room_idle_ms: 1000 }
  const [one] = await cluster(1, { clock, times })
  await (await one!.join({ username: 'Ada' })).leave()
  // Joins come at any moment of the sweep.
  for (let nth = 0; nth < 20; nth++) {
    await clock.advance(60_000 - 1)
    const swept = clock.advance(1)
    for (let turn = 0; turn < nth; turn++) await undefined
    const ada = await one!.join({ username: 'Ada' })
    await swept
    await ada.append({ text: 'x' })
    expect(await ada.push()).toMatchObject({ status: 1 })
    await ada.leave()
  }
})

test('refused tokens are remembered for a second, 10,000 at most, and not by their text', () => {
  const clock = virtualClock()
  const refused = new RefusedTokens(clock)
  const error = new Error('unknown')
  const token = (nth: number) => `${nth}`.padStart(1000, 'x')
  for (let nth = 0; nth <= 10_000; nth++) refused.add(token(nth), error)
  expect([refused.errorOf(token(0)), refused.errorOf(token(1)), refused.errorOf(token(10_000))]).toEqual([
    undefined,
    error,
    error,
  ])
})

test('a server remembers 100,000 sessions; an older one is found again by its token', () => {
  const router = new Router({} as RouterDeps)
  const session = (token: string) => ({ joinResult: { token } }) as HubSession
  for (let nth = 0; nth <= 100_000; nth++) router.remember(session(`${nth}`))
  expect([router.session('0'), router.session('1')?.joinResult.token]).toEqual([undefined, '1'])
})
