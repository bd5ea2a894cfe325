import { type VirtualClock, virtualClock } from '@midsentence/core'
import type { HubSession } from '@midsentence/core/hub'
import { MemoryCluster } from '@midsentence/testing/cluster/memory-cluster'
import { expect, onTestFinished, test } from 'vitest'
import { type ClusterHub, openClusterHub } from './cluster-hub.ts'

interface CutServer {
  readonly hub: ClusterHub
  /** While true, its renewals fail. */
  isCut: boolean
}

async function threeServers(clock: VirtualClock, cluster = new MemoryCluster()): Promise<readonly CutServer[]> {
  const servers = await Promise.all(
    [1, 2, 3].map(async nth => {
      const parts = cluster.server()
      const server = { isCut: false }
      const directory: typeof parts.directory = {
        ...parts.directory,
        renew: entry => (server.isCut ? Promise.reject(new Error('no answer')) : parts.directory.renew(entry)),
      }
      const hub = await openClusterHub({ ...parts, directory, clock, name: `server ${nth}` })
      return Object.assign(server, { hub })
    }),
  )
  onTestFinished(async () => {
    for (const server of servers) server.isCut = false
    const closing = Promise.all(servers.map(({ hub }) => hub.close()))
    await clock.advance(10_000)
    await closing
  })
  await clock.advance(1000)
  return servers
}

/** The server that has the room `lobby`, and the others. */
async function ownerFirst(servers: readonly CutServer[]): Promise<readonly [CutServer, CutServer, CutServer]> {
  const [info] = await servers[0]!.hub.admin.rooms()
  const owner = servers.find((_, at) => `server ${at + 1}` === info?.server)!
  const [one, two] = servers.filter(server => server !== owner)
  return [owner, one!, two!]
}

const enter = async ({ hub }: CutServer, token: string): Promise<HubSession> => {
  await hub.loadRoomOf(token)
  return hub.enter(token)
}

test('[G12] calls of one session may go to any server, and a key has one effect at all of them', async () => {
  const [one, two, three] = (await threeServers(virtualClock())) as [CutServer, CutServer, CutServer]
  expect(new Set([one, two, three].map(({ hub }) => hub.log)).size).toBe(1)
  const { token } = (await one.hub.join({ username: 'Ada' })).joinResult
  const ben = await three.hub.join({ username: 'Ben' })
  await (await enter(two, token)).append({ text: 'I was ' })
  await (await enter(three, token)).append({ text: 'about to' })
  const sent = await (await enter(one, token)).push({ key: 'k' })
  expect(sent).toMatchObject({ status: 1, seq: 1 })
  expect(await (await enter(two, token)).push({ key: 'k' })).toEqual(sent)
  expect((await ben.check({ timeout_ms: 0 })).messages).toMatchObject([{ content: 'I was about to' }])
})

test('[G14, G15] an owner without a lease answers nothing, and another server goes on', async () => {
  const clock = virtualClock()
  const servers = await threeServers(clock)
  const { token } = (await servers[0]!.hub.join({ username: 'Ada' })).joinResult
  const [owner, other] = await ownerFirst(servers)
  await (await enter(owner, token)).append({ text: 'I was about to' })
  owner.isCut = true
  await clock.advance(2600)
  const old = (await enter(owner, token)).preview()
  let answered = false
  void old.then(
    () => {
      answered = true
    },
    () => {},
  )
  await clock.advance(500)
  expect([answered, owner.hub.isReady]).toEqual([false, false])
  await clock.advance(4000)
  const pushing = enter(other, token).then(ada => ada.push({ key: 'k' }))
  await clock.advance(2000)
  expect(await pushing).toMatchObject({ status: 1, seq: 1 })
  expect(answered).toBe(false)
  owner.isCut = false
  await clock.advance(3000)
  // What it says now is that of the new owner, or that it does not know.
  expect(await old.catch(({ code }) => code)).toMatch(/unavailable/)
  expect((await ownerFirst(servers))[0]).not.toBe(owner)
})

test('[G14] while no server can renew its lease, calls end with an error in less than a minute', async () => {
  const clock = virtualClock()
  const servers = await threeServers(clock)
  const { token } = (await servers[0]!.hub.join({ username: 'Ada' })).joinResult
  const [owner, other] = await ownerFirst(servers)
  const there = await enter(other, token)
  for (const server of servers) server.isCut = true
  await clock.advance(3000)
  const calls = [
    enter(owner, token).then(ada => ada.check({ timeout_ms: 0 })),
    there.check({ timeout_ms: 0 }),
    owner.hub.join({ username: 'Ben', room: 'new' }),
  ].map(call => call.catch((error: unknown) => error))
  const answers = Promise.all(calls)
  await clock.advance(60_000)
  expect(await answers).toMatchObject([
    { code: 'unavailable', data: { unknown: true } },
    { code: 'unavailable', data: { unknown: true } },
    { code: 'unavailable' },
  ])
})

test('[G16] a server that closes gives its rooms up, and the next call is answered at once', async () => {
  const clock = virtualClock()
  const cluster = new MemoryCluster()
  const servers = await threeServers(clock, cluster)
  const { token } = (await servers[0]!.hub.join({ username: 'Ada' })).joinResult
  const [owner, other] = await ownerFirst(servers)
  await (await enter(other, token)).append({ text: 'I was about to' })
  await owner.hub.close()
  expect(await cluster.server().logs.ownerOf('lobby')).toBeUndefined()
  const pushing = enter(other, token).then(ada => ada.push({ key: 'k' }))
  // Less than it takes to evict a server.
  await clock.advance(2000)
  expect(await pushing).toMatchObject({ status: 1, seq: 1 })
  await expect(owner.hub.join({ username: 'Ben' })).rejects.toMatchObject({ code: 'unavailable' })
})

test('[G17] a token with another room, or a made-up one, opens nothing and makes no server own a room', async () => {
  const servers = await threeServers(virtualClock())
  const [one, two] = servers as [CutServer, CutServer, CutServer]
  const { token } = (await one.hub.join({ username: 'Ada' })).joinResult
  await two.hub.join({ username: 'Ada', room: 'other' })
  const { token: there } = (await two.hub.join({ username: 'Ben', room: 'other' })).joinResult
  const proof = token.slice(0, token.lastIndexOf('.'))
  const hint = there.slice(there.lastIndexOf('.'))
  for (const wrong of [proof + hint, proof, `${proof}x${token.slice(proof.length)}`, 'a.b.YQ'])
    await expect(enter(two, wrong)).rejects.toMatchObject({ code: 'session-unknown' })
  const owned = servers.reduce((sum, { hub }) => sum + hub.admin.clusterLoad().ownedRooms, 0)
  expect(owned).toBe(2)
})
