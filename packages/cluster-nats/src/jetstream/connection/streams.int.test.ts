import { startNats } from '@midsentence/testing/nats/nats-servers'
import { describeNats } from '@midsentence/testing/nats/nats-tests'
import { expect, onTestFinished, test } from 'vitest'
import { openCluster } from '../nats-cluster.ts'

describeNats('the streams of a cluster', {}, ({ options }) => {
  test('servers that start at once share the same logs, whose partitions are fixed', async () => {
    const shared = options()
    const clusters = await Promise.all([2, 3, 4].map(partitions => openCluster({ ...shared, partitions })))
    onTestFinished(async () => {
      await Promise.all(clusters.map(cluster => cluster.close()))
    })
    expect(new Set(clusters.map(({ logs }) => logs.id)).size).toBe(1)
    expect(new Set(clusters.map(({ names }) => names.partitions)).size).toBe(1)
  })

  test('a stream that is gone causes an error, and is not created again', async () => {
    const shared = { ...options(), partitions: 3 }
    const cluster = await openCluster(shared)
    await cluster.link.manager.streams.delete(cluster.names.logs[2]!)
    await cluster.close()
    await expect(openCluster(shared)).rejects.toMatchObject({ code: 'internal', remedy: 'restore it from a backup' })
  })

  test('a stream of another program is left alone', async () => {
    const shared = options()
    const cluster = await openCluster(options())
    onTestFinished(() => cluster.close())
    await cluster.link.manager.streams.add({ name: `${shared.prefix}-logs-0`, subjects: [`${shared.prefix}.other`] })
    await expect(openCluster(shared)).rejects.toThrow('was not created by midsentence')
  })

  test('[G18] a single server promises one copy, also of streams that say three', async () => {
    const shared = options()
    const cluster = await openCluster(shared)
    await expect(openCluster({ ...shared, replicas: 3 })).rejects.toMatchObject({ code: 'unavailable' })
    // As after a backup of a cluster is restored here.
    for (const stream of [...cluster.names.logs, cluster.names.snapshots])
      await cluster.link.manager.streams.update(stream, { num_replicas: 3 })
    await expect(openCluster(shared)).rejects.toMatchObject({ code: 'unavailable' })
    const again = await openCluster({ ...shared, replicas: 1 })
    expect([again.replicas, again.logs.durability]).toEqual([1, 'memory'])
    await Promise.all([cluster.close(), again.close()])
  })

  test('[G18] a cluster with too few servers keeps fewer copies only when told to', async () => {
    const nats = await startNats({ servers: 2 })
    onTestFinished(() => nats.close())
    const two = { ...options(), servers: nats.urls }
    await expect(openCluster({ ...two, retryMs: 1000 })).rejects.toMatchObject({
      code: 'unavailable',
      remedy: expect.stringContaining('set replicas to 1'),
    })
    const cluster = await openCluster({ ...two, replicas: 1 })
    expect([cluster.logs.durability, cluster.warnings.join()]).toEqual(['memory', expect.stringContaining('one copy')])
    await cluster.close()
  })

  test('servers that ended leave nothing in the directory, and an evicted one comes back', async () => {
    const cluster = await openCluster(options())
    onTestFinished(() => cluster.close())
    const { directory, link, names } = cluster
    const messages = async () => (await link.manager.streams.info(`KV_${names.prefix}-servers`)).state.messages
    for (const id of ['one', 'two', 'three']) await directory.renew({ id, name: id, rooms: 0 })
    await directory.remove('one')
    expect(await directory.evict('two', (await directory.read('two'))!.revision)).toBe(true)
    expect((await directory.list()).map(({ entry }) => entry.id)).toEqual(['three'])
    expect(await messages()).toBe(1)
    const two = { id: 'two', name: 'two', rooms: 0 }
    await expect(directory.renew(two)).rejects.toMatchObject({ code: 'unavailable' })
    await directory.renew(two)
    expect((await directory.list()).map(({ entry }) => entry.id).sort()).toEqual(['three', 'two'])
  })

  test('a bus delivers large messages, and a closed cluster refuses calls', async () => {
    const shared = options()
    const [a, b] = [await openCluster(shared), await openCluster(shared)]
    const received: number[] = []
    await a.bus.listen('a', bytes => received.push(bytes.length))
    for (const length of [10, 3_000_000, 0]) b.bus.send('a', new Uint8Array(length))
    await expect.poll(() => received).toEqual([10, 3_000_000, 0])
    await Promise.all([a.close(), b.close()])
    await expect(a.logs.claim('lobby', 'a')).rejects.toMatchObject({ code: 'unavailable' })
    expect(() => a.bus.send('b', new Uint8Array(1))).toThrow('closed')
  })
})
