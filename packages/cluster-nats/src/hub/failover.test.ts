import { isMidsentenceError, type VirtualClock, virtualClock } from '@midsentence/core'
import type { RoomListener } from '@midsentence/core/hub'
import { MemoryCluster } from '@midsentence/testing/cluster/memory-cluster'
import { expect, onTestFinished, test } from 'vitest'
import { type ClusterHub, openClusterHub } from './cluster-hub.ts'
import { defaultClusterTimes } from './times.ts'

const never = new Promise<never>(() => {})

interface Server {
  readonly hub: ClusterHub
  /** Ends it without a word: nothing that it sends or writes arrives. */
  kill(): void
}

type Parts = ReturnType<MemoryCluster['server']>

/** Returns parts that do nothing more after `isDead`. */
function killable({ logs, directory, bus }: Parts, isDead: () => boolean): Parts {
  const untilDead = <T extends object>(target: T): T =>
    new Proxy(target, {
      get(object, name) {
        const value = Reflect.get(object, name)
        return typeof value === 'function'
          ? (...args: unknown[]) => (isDead() ? never : value.apply(object, args))
          : value
      },
    })
  return {
    logs: untilDead(logs),
    directory: untilDead(directory),
    bus: {
      listen: (id, receive) => bus.listen(id, bytes => void (isDead() || receive(bytes))),
      send: (to, bytes) => void (isDead() || bus.send(to, bytes)),
    },
  }
}

async function servers(count: number, clock: VirtualClock, cluster = new MemoryCluster()): Promise<readonly Server[]> {
  const all = await Promise.all(
    Array.from({ length: count }, async (_, at) => {
      let dead = false
      const parts = killable(cluster.server(), () => dead)
      let ids = 0
      const newId = () => `server-${at}-${++ids}`
      const hub = await openClusterHub({ ...parts, clock, newId, name: `server ${at}` })
      const kill = () => {
        dead = true
      }
      return { hub, kill, isDead: () => dead }
    }),
  )
  onTestFinished(async () => {
    for (const { hub, isDead } of all) if (!isDead()) await hub.close()
  })
  await clock.advance(1000)
  return all
}

/** The server that has a room, and two others. */
async function ownerOf(all: readonly Server[], room = 'lobby'): Promise<readonly [Server, Server, Server]> {
  const [info] = (await all[0]!.hub.admin.rooms()).filter(each => each.room === room)
  const owner = all.find((_, at) => `server ${at}` === info?.server)!
  const [one, two] = all.filter(server => server !== owner)
  return [owner, one!, two!]
}

interface Recorded extends RoomListener {
  readonly contents: string[]
  reason: string | undefined
}

function recorded(): Recorded {
  const events: Recorded = {
    contents: [],
    reason: undefined,
    messages: batch => events.contents.push(...batch.map(({ content }) => content)) > 0,
    missed: () => {},
    presence: () => {},
    ended: reason => {
      events.reason = reason
    },
  }
  return events
}

const outcomeOf = (call: Promise<unknown>): { value?: unknown; error?: unknown } => {
  const outcome: { value?: unknown; error?: unknown } = {}
  call.then(
    value => {
      outcome.value = value
    },
    error => {
      outcome.error = error
    },
  )
  return outcome
}

test('an owner that is killed is replaced: calls in flight are unknown, the next ones go on', async () => {
  const clock = virtualClock()
  const all = await servers(3, clock)
  const joined = await all[0]!.hub.join({ username: 'Ada' })
  const [owner, near, far] = await ownerOf(all)
  const { token } = joined.joinResult
  await near.hub.loadRoomOf(token)
  const ada = near.hub.enter(token)
  await ada.append({ text: 'one ' })
  const stream = recorded()
  ;(await ada.subscribe(stream)).resume()
  owner.kill()
  const unkeyed = outcomeOf(ada.append({ text: 'two ' }))
  const keyed = outcomeOf(ada.append({ text: 'three', key: 'k' }))
  await clock.advance(defaultClusterTimes.term_ms)
  // No other server answers while it may still answer.
  expect([unkeyed, keyed]).toEqual([{}, {}])
  await clock.advance(defaultClusterTimes.dead_ms + 2000 - defaultClusterTimes.term_ms)
  expect(isMidsentenceError(unkeyed.error) && unkeyed.error).toMatchObject({
    code: 'unavailable',
    data: { unknown: true },
  })
  expect(keyed.value).toMatchObject({ status: 1, accepted: 5 })
  expect(stream.reason).toMatch(/has ended or cannot be reached/)
  expect(await ada.push()).toMatchObject({ status: 1, seq: 1 })
  await far.hub.loadRoomOf(token)
  const again = recorded()
  ;(await far.hub.enter(token).subscribe(again, 0)).resume()
  await clock.settle()
  expect(again.contents).toEqual(['one three'])
})

test('a server that closes hands its rooms over: calls and drafts go on at another server', async () => {
  const clock = virtualClock()
  const all = await servers(3, clock)
  const joined = await all[0]!.hub.join({ username: 'Ada' })
  const [owner, near, far] = await ownerOf(all)
  const { token } = joined.joinResult
  await near.hub.loadRoomOf(token)
  const ada = near.hub.enter(token)
  const ben = await far.hub.join({ username: 'Ben' })
  const stream = recorded()
  ;(await ben.subscribe(stream)).resume()
  const calls = Array.from({ length: 50 }, (_, nth) => ada.append({ text: `${nth}.` }))
  const closed = owner.hub.close()
  const later = Array.from({ length: 50 }, (_, nth) => ada.append({ text: `${50 + nth}.` }))
  await clock.advance(1000)
  await closed
  for (const answer of await Promise.all([...calls, ...later])) expect(answer).toMatchObject({ status: 1 })
  expect((await ada.preview()).draft).toBe(Array.from({ length: 100 }, (_, nth) => `${nth}.`).join(''))
  expect(stream.reason).toBe('The server is closing.')
  expect(await ada.push()).toMatchObject({ status: 1, seq: 1 })
  expect((await ben.check({ timeout_ms: 0 })).messages).toHaveLength(1)
})

test('a server that closes ends its own calls and streams at other servers', async () => {
  const clock = virtualClock()
  const all = await servers(2, clock)
  const joined = await all[0]!.hub.join({ username: 'Ada' })
  const [, near] = await ownerOf(all)
  const { token } = joined.joinResult
  await near.hub.loadRoomOf(token)
  const ada = near.hub.enter(token)
  const stream = recorded()
  ;(await ada.subscribe(stream)).resume()
  const waiting = outcomeOf(ada.check({ timeout_ms: 100_000 }))
  await clock.settle()
  const closed = near.hub.close()
  await clock.settle()
  await closed
  expect(waiting.error).toMatchObject({ code: 'unavailable' })
  expect(stream.reason).toBeDefined()
})

test('made-up tokens and refused callers make no server own a room', async () => {
  const clock = virtualClock()
  const cluster = new MemoryCluster()
  const [one] = await servers(2, clock, cluster)
  const { logs } = cluster.server()
  const proof = 'ab'.repeat(32)
  for (const token of [`s-1.${proof}.lobby`, `s-1.${proof}.${'x'.repeat(64)}`, 'x', '']) {
    await one!.hub.loadRoomOf(token)?.catch(() => undefined)
    expect(() => one!.hub.enter(token)).toThrow(/belongs to no session/)
  }
  await expect(one!.hub.join({ username: 'a:b', room: 'lobby' })).rejects.toMatchObject({ code: 'name-taken' })
  expect([await logs.ownerOf('lobby'), await one!.hub.admin.rooms()]).toEqual([undefined, []])
})

test('an owner that was evicted answers nothing of the room that another server has', async () => {
  const clock = virtualClock()
  const cluster = new MemoryCluster()
  const all = await servers(3, clock, cluster)
  await all[0]!.hub.join({ username: 'Ada' })
  const [owner, near] = await ownerOf(all)
  const { id, revision } = (await cluster
    .server()
    .directory.list()
    .then(list => list.map(each => ({ id: each.entry.id, ...each })).find(each => each.id === owner.hub.server)))!
  const ada = await near.hub.join({ username: 'Ben' })
  const { token } = ada.joinResult
  await owner.hub.loadRoomOf(token)
  const local = owner.hub.enter(token)
  // Its entry is evicted, and another server takes the room.
  expect(await cluster.server().directory.evict(id, revision)).toBe(true)
  await cluster.server().logs.claim('lobby', near.hub.server)
  const stale = outcomeOf(Promise.resolve(local.who()))
  const append = outcomeOf(local.append({ text: 'x' }))
  await clock.advance(3000)
  expect(append.error).toMatchObject({ code: 'unavailable', data: { unknown: true } })
  // Who is there is read again where the room is.
  expect(stale.error ?? stale.value).toBeDefined()
})
