import { virtualClock } from '@midsentence/core'
import type { HubSession } from '@midsentence/core/hub'
import { openClusterHubs } from '@midsentence/testing/cluster/cluster-hubs'
import { expect, onTestFinished, test } from 'vitest'
import type { ClusterHub } from './cluster-hub.ts'

/** Ada at a server that does not have her room. */
async function setUp() {
  const clock = virtualClock()
  const hubs = await openClusterHubs(2, { clock })
  onTestFinished(async () => {
    for (const hub of hubs) await hub.close()
  })
  const { token } = (await hubs[0]!.join({ username: 'Ada' })).joinResult
  const [info] = await hubs[0]!.admin.rooms()
  const at = hubs.findIndex((_, nth) => info!.server === `server ${nth + 1}`)
  const [owner, other] = [hubs[at]!, hubs[1 - at]!]
  const sessionAt = async (hub: ClusterHub): Promise<HubSession> => {
    await hub.loadRoomOf(token)
    return hub.enter(token)
  }
  return { clock, owner, other, token, sessionAt, ada: await sessionAt(other) }
}

test('the calls of a batch from another server know what the first of them knew', async () => {
  const { ada, owner } = await setUp()
  const ben = await owner.join({ username: 'Ben' })
  await ada.append({ text: 'mine' })
  await ben.append({ text: 'his' })
  await ben.push()
  const cursorSnapshot = ada.snapshotCursor()
  const options = { cursorSnapshot, mayWait: false }
  const [check, push] = await Promise.all([ada.check({}, options), ada.push({}, options)])
  expect(check.messages).toMatchObject([{ content: 'his' }])
  expect(push).toMatchObject({ status: 0, held: true })
  // A later batch knows what this one was given.
  expect(await ada.push({}, { cursorSnapshot: ada.snapshotCursor(), mayWait: false })).toMatchObject({ status: 1 })
})

test('a waiting check ends at the other server when its caller is gone', async () => {
  const { ada, owner, clock } = await setUp()
  const gone = new AbortController()
  const check = ada.check({ timeout_ms: 100_000 }, { signal: gone.signal })
  await clock.settle()
  expect(owner.admin.load().waitingChecks).toBe(1)
  gone.abort()
  await clock.settle()
  expect(owner.admin.load().waitingChecks).toBe(0)
  expect(await check).toMatchObject({ status: 0 })
})

test('resume gives the same token at every server, and a session that left is unknown at all', async () => {
  const { ada, owner, token, sessionAt } = await setUp()
  const there = await sessionAt(owner)
  expect([(await ada.resume()).token, (await there.resume()).token]).toEqual([token, token])
  await there.leave()
  await expect(ada.preview()).rejects.toMatchObject({ code: 'session-unknown' })
  for (const each of [ada, there])
    await expect(each.append({ text: 'x' })).rejects.toMatchObject({ code: 'session-unknown' })
})

test('the admin API answers for all servers', async () => {
  const { owner, other } = await setUp()
  expect(await other.admin.participants('lobby')).toMatchObject([{ sender_id: 'Ada' }])
  await expect(Promise.resolve(other.admin.participants('nowhere'))).rejects.toMatchObject({ code: 'room-unavailable' })
  expect(await other.admin.hush('lobby', true)).toBe(true)
  expect(await owner.admin.rooms()).toMatchObject([{ room: 'lobby', hushed: true }])
  expect(await other.admin.remove('lobby', 'Ada')).toBe(true)
  await expect(other.join({ username: 'Ada' })).rejects.toMatchObject({ code: 'name-taken' })
  expect(await other.admin.close('lobby')).toBe(0)
  await expect(owner.join({ username: 'Cy' })).rejects.toMatchObject({ code: 'room-unavailable' })
  expect(await other.admin.open('lobby')).toBe(true)
})
