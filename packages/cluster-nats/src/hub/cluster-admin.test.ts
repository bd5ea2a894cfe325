import { virtualClock } from '@midsentence/core'
import { MemoryCluster } from '@midsentence/testing/cluster/memory-cluster'
import { expect, onTestFinished, test } from 'vitest'
import { openClusterHub } from './cluster-hub.ts'
import { defaultClusterTimes } from './times.ts'

/** A hub whose directory and bus a test may cut off. */
async function setUp(memory: MemoryCluster, clock: ReturnType<typeof virtualClock>, name: string) {
  const parts = memory.server()
  const link = { isCut: false }
  const refused = () => Promise.reject(new Error('no answer'))
  const directory = {
    ...parts.directory,
    renew: (entry: Parameters<typeof parts.directory.renew>[0]) =>
      link.isCut ? refused() : parts.directory.renew(entry),
  }
  const bus: typeof parts.bus = {
    listen: (id, receive) => parts.bus.listen(id, bytes => void (link.isCut || receive(bytes))),
    send: (to, bytes) => void (link.isCut || parts.bus.send(to, bytes)),
  }
  const hub = await openClusterHub({ ...parts, directory, bus, clock, name })
  onTestFinished(async () => {
    link.isCut = false
    await hub.close()
  })
  return { hub, link }
}

test('[G12] a list of rooms names the servers that did not answer, until they are evicted', async () => {
  const [memory, clock] = [new MemoryCluster(), virtualClock()]
  const [one, two] = [await setUp(memory, clock, 'one'), await setUp(memory, clock, 'two')]
  await clock.advance(defaultClusterTimes.renew_ms)
  for (const room of ['a', 'b', 'c', 'd', 'e', 'f']) await one.hub.join({ username: 'Ada', room })
  const { rooms, silent } = await one.hub.admin.roomList()
  expect([rooms.length, silent]).toEqual([6, undefined])
  expect(new Set(rooms.map(({ server }) => server))).toEqual(new Set(['one', 'two']))
  two.link.isCut = true
  const listing = one.hub.admin.roomList()
  await clock.advance(2000)
  expect(await listing).toEqual({ rooms: rooms.filter(({ server }) => server === 'one'), silent: ['two'] })
  await clock.advance(defaultClusterTimes.dead_ms)
  expect(await one.hub.admin.roomList()).toEqual({ rooms: rooms.filter(({ server }) => server === 'one') })
})

test('[G14] without its lease a server answers no call of an administrator, and says so at once', async () => {
  const [memory, clock] = [new MemoryCluster(), virtualClock()]
  const { hub, link } = await setUp(memory, clock, 'one')
  await hub.join({ username: 'Ada', room: 'a' })
  link.isCut = true
  await clock.advance(defaultClusterTimes.term_ms)
  const { admin } = hub
  const calls = [
    admin.roomList(),
    admin.rooms(),
    admin.participants('a'),
    admin.remove('a', 'Ada'),
    admin.close('a'),
    admin.open('a'),
    admin.hush('a', true),
    admin.erase('a'),
  ]
  const message = expect.stringMatching(/cannot reach NATS.*does not know the rooms. Nothing was done/)
  for (const call of calls) await expect(call).rejects.toMatchObject({ code: 'unavailable', message })
  link.isCut = false
  await clock.advance(defaultClusterTimes.renew_ms)
  expect(await admin.rooms()).toMatchObject([{ room: 'a', closed: false, participants: 1 }])
  expect((await admin.participants('a')).length).toBe(1)
})

test('[G14] a list that was asked for when NATS went away is no list of rooms', async () => {
  const [memory, clock] = [new MemoryCluster(), virtualClock()]
  const [one, two] = [await setUp(memory, clock, 'one'), await setUp(memory, clock, 'two')]
  await clock.advance(defaultClusterTimes.renew_ms)
  one.link.isCut = true
  two.link.isCut = true
  await clock.advance(1000)
  const listing = one.hub.admin.roomList().catch(error => error)
  await clock.advance(2000)
  expect(await listing).toMatchObject({ code: 'unavailable' })
})

test('[G14] a call whose owner is lost tells an administrator to repeat it, and another caller what to do without a key', async () => {
  const [memory, clock] = [new MemoryCluster(), virtualClock()]
  const [one, two] = [await setUp(memory, clock, 'one'), await setUp(memory, clock, 'two')]
  await clock.advance(defaultClusterTimes.renew_ms)
  const session = await one.hub.join({ username: 'Ada', room: 'a' })
  const [info] = await one.hub.admin.rooms()
  const [owner, other] = info?.server === 'one' ? [one, two] : [two, one]
  await other.hub.loadRoomOf(session.joinResult.token)
  const elsewhere = other.hub.enter(session.joinResult.token)
  await elsewhere.who()
  owner.link.isCut = true
  const closing = other.hub.admin.close('a').catch(error => error)
  const appending = elsewhere.append({ text: 'a' }).catch(error => error)
  await clock.advance(2 * defaultClusterTimes.dead_ms)
  const unknown = { code: 'unavailable', data: { unknown: true } }
  expect(await closing).toMatchObject({ ...unknown, message: expect.stringMatching(/repeat it, which is safe\.$/) })
  const advice = 'Repeat it with the same key; if it had none, look first, as with preview or check.'
  expect(await appending).toMatchObject({ ...unknown, message: expect.stringContaining(advice) })
})
