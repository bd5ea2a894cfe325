import { sentMessage } from '@midsentence/testing/logs/filled-store'
import { describeNats } from '@midsentence/testing/nats/nats-tests'
import { headers } from '@nats-io/transport-node'
import { expect, onTestFinished, test } from 'vitest'
import { openCluster } from '../nats-cluster.ts'
import { verifyRoom } from './verify-cluster.ts'

async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = []
  for await (const item of items) found.push(item)
  return found
}

describeNats('damage in JetStream', {}, ({ options }) => {
  /** Ten messages in as many groups, and their stream sequences. */
  const setUp = async () => {
    const cluster = await openCluster(options())
    onTestFinished(() => cluster.close())
    const { logs, link, names } = cluster
    const { log } = await logs.claim('lobby', 'a')
    for (let seq = 1; seq <= 10; seq++) await log.append('lobby', [sentMessage(seq)], String(seq - 1))
    const stream = names.logs[0]!
    const subject = `${names.prefix}.room.0.lobby`
    const groups: number[] = []
    const room = logs.subjects('lobby').room
    await room.load()
    for await (const { end } of room.groups('records', 0)) groups.push(end)
    const read = async () => all((await logs.claim('lobby', 'b')).log.records('lobby'))
    const problems = async () => (await verifyRoom(logs, 'lobby')).problems
    return { link, logs, stream, subject, groups, read, problems }
  }
  const damaged = { code: 'internal', message: expect.stringMatching(/damaged/) }

  test.each([0, 4, 8])('a missing group is found (%i)', async nth => {
    const { link, stream, groups, read, problems } = await setUp()
    expect(groups).toHaveLength(10)
    await link.manager.streams.deleteMessage(stream, groups[nth]!)
    await expect(read()).rejects.toMatchObject(damaged)
    expect(await problems()).toHaveLength(1)
  })

  test('a message of another writer is found', async () => {
    const { link, subject, problems, read } = await setUp()
    await link.client.publish(subject, '[]')
    await expect(read()).rejects.toMatchObject(damaged)
    expect(await problems()).toHaveLength(1)
  })

  test('a copy of a group is found', async () => {
    const { link, stream, subject, groups, problems, read } = await setUp()
    const found = await link.manager.streams.getMessage(stream, { seq: groups[3]! })
    const copied = headers()
    for (const name of ['Midsentence', 'Midsentence-Sum']) copied.set(name, found!.header.get(name))
    await link.client.publish(subject, found!.data, { headers: copied })
    await expect(read()).rejects.toMatchObject(damaged)
    expect(await problems()).toHaveLength(1)
  })

  test('an intact log has no problems', async () => {
    const { problems } = await setUp()
    expect(await problems()).toEqual([])
  })
})
