import { type VirtualClock, virtualClock } from '@midsentence/core'
import { expect, test } from 'vitest'
import type { ServerEntry } from '../ports.ts'
import { moved, type RemoteCalls } from './calls/remote-calls.ts'
import { clusterClosing } from './cluster-errors.ts'
import type { OwnedRoom } from './owner/owned-room.ts'
import type { OwnedRooms } from './owner/owned-rooms.ts'
import type { Servers } from './owner/servers.ts'
import { Router } from './router.ts'
import { defaultClusterTimes } from './times.ts'

const entry = (id: string, draining?: true): ServerEntry => ({ id, name: id, rooms: 0, ...(draining && { draining }) })

/** The room, where server `one` owns it. */
const here = {} as OwnedRoom

interface Cluster {
  readonly clock: VirtualClock
  /** The entry of server `one`. */
  entry?: ServerEntry
  others: readonly ServerEntry[]
  /** The owner that the log names. */
  owner?: string | undefined
  /** Answers a server that is asked to own the room, with the id of the owner. */
  own(server: string): Promise<string>
}

/** The router of server `one`, and the servers that it asked. */
function routerIn(cluster: Cluster) {
  const asked: string[] = []
  const router = new Router({
    id: 'one',
    clock: cluster.clock,
    times: defaultClusterTimes,
    entry: () => cluster.entry ?? entry('one'),
    ownerOf: async () => cluster.owner,
    rooms: { find: () => undefined, acquire: async () => here } as unknown as OwnedRooms,
    servers: {
      isAlive: async () => true,
      get others() {
        return cluster.others
      },
    } as unknown as Servers,
    calls: {
      call(server: string) {
        asked.push(server)
        return cluster.own(server)
      },
    } as unknown as RemoteCalls,
  })
  return { router, asked }
}

const willNotAnswer = () => new Promise<never>(() => {})

test('a room without an owner goes to a server that is not draining', async () => {
  const rooms = Array.from({ length: 20 }, (_, nth) => `room-${nth}`)
  const clock = virtualClock()
  const stays = routerIn({ clock, others: [entry('two', true)], own: willNotAnswer })
  for (const room of rooms) expect(await stays.router.locate(room)).toBe(here)
  expect(stays.asked).toEqual([])
  const leaves = routerIn({ clock, entry: entry('one', true), others: [entry('two')], own: async () => 'two' })
  for (const room of rooms) expect(await leaves.router.locate(room)).toBe('two')
})

test('a room of a draining server is asked for again, until that one released it', async () => {
  const clock = virtualClock()
  const own = () => Promise.reject(clusterClosing())
  const cluster: Cluster = { clock, owner: 'two', others: [entry('two', true)], own }
  const { router, asked } = routerIn(cluster)
  const locating = router.locate('lobby')
  await clock.advance(1000)
  expect(asked.length).toBeGreaterThan(1)
  cluster.owner = undefined
  await clock.advance(200)
  expect(await locating).toBe(here)
})

test('where all servers are draining, a call is refused after 15 s', async () => {
  const clock = virtualClock()
  const { router, asked } = routerIn({
    clock,
    entry: entry('one', true),
    others: [entry('two', true)],
    own: willNotAnswer,
  })
  const refused = expect(router.locate('lobby')).rejects.toMatchObject({ code: 'unavailable' })
  await clock.advance(15_000)
  await refused
  expect(asked).toEqual([])
})

test('a server that opens a room for more than 15 s is not waited for, and has it for the next call', async () => {
  const clock = virtualClock()
  let opened = (_: string) => {}
  const own = () => new Promise<string>(resolve => (opened = resolve))
  const { router, asked } = routerIn({ clock, owner: 'two', others: [entry('two')], own })
  const outcomes: unknown[] = []
  // Calls meanwhile share the search.
  for (let calls = 0; calls < 2; calls++) router.locate('lobby').catch(error => outcomes.push(error))
  await clock.advance(14_999)
  expect(outcomes).toEqual([])
  await clock.advance(1)
  const refused = { code: 'unavailable', data: { retry_after_ms: 500 } }
  expect(outcomes).toMatchObject([refused, refused])
  expect(asked).toEqual(['two'])
  opened('two')
  await clock.settle()
  expect(await router.locate('lobby')).toBe('two')
  expect(asked).toEqual(['two'])
})

test('two servers that each say that the other has a room are asked three times in 200 ms, for 15 s', async () => {
  const clock = virtualClock()
  const own = async (server: string) => (server === 'two' ? 'three' : 'two')
  const cluster: Cluster = { clock, owner: 'two', others: [entry('two'), entry('three')], own }
  const { router, asked } = routerIn(cluster)
  const refused = expect(router.locate('lobby')).rejects.toMatchObject({ code: 'unavailable' })
  await clock.advance(199)
  expect(asked).toEqual(['two', 'three', 'two'])
  await clock.advance(15_000 - 199)
  await refused
  // The search that began at 15 s is the last one.
  expect(asked.length).toBeLessThanOrEqual(3 * (15_000 / 200 + 1))
  const before = asked.length
  await clock.advance(60_000)
  expect(asked).toHaveLength(before)
  // One of them learns it.
  const found = router.locate('lobby')
  cluster.own = async () => 'three'
  await clock.advance(200)
  expect(await found).toBe('three')
})

test('a call follows its room at most ten times, and is then refused as not done', async () => {
  const { router } = routerIn({
    clock: virtualClock(),
    owner: 'two',
    others: [entry('two')],
    own: async server => server,
  })
  const places: unknown[] = []
  const calling = router.at('lobby', place => {
    places.push(place)
    return Promise.reject(moved)
  })
  await expect(calling).rejects.toMatchObject({ code: 'unavailable', data: { retry_after_ms: 500 } })
  expect(places).toEqual(Array.from({ length: 11 }, () => 'two'))
})
