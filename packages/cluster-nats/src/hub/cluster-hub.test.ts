import { MemoryCluster } from '@midsentence/testing/cluster/memory-cluster'
import { expect, onTestFinished, test } from 'vitest'
import { type ClusterHub, openClusterHub } from './cluster-hub.ts'

async function setUp(servers = 2): Promise<readonly ClusterHub[]> {
  const cluster = new MemoryCluster()
  const hubs = await Promise.all(
    Array.from({ length: servers }, (_, at) => openClusterHub({ ...cluster.server(), name: `server ${at + 1}` })),
  )
  onTestFinished(async () => {
    for (const hub of hubs) await hub.close()
  })
  return hubs
}

test('a message goes from a participant at one server to one at another', async () => {
  const [one, two] = await setUp()
  const ada = await one!.join({ username: 'Ada' })
  const ben = await two!.join({ username: 'Ben' })
  const got: string[] = []
  const stream = await ben.subscribe({
    messages: batch => got.push(...batch.map(({ content }) => content)) > 0,
    missed() {},
    presence() {},
    ended() {},
  })
  stream.resume()
  await ada.append({ text: 'hello' })
  expect(await ada.push()).toMatchObject({ status: 1, seq: 1, durability: 'replicated' })
  await expect.poll(() => got).toEqual(['hello'])
  expect((await ben.check({ timeout_ms: 0 })).messages).toMatchObject([{ content: 'hello' }])
  expect((await one!.admin.rooms()).length).toBe(1)
  expect(await two!.admin.rooms()).toEqual(await one!.admin.rooms())
})
