import type { RoomRecord } from '@midsentence/core'
import { sentMessage } from '@midsentence/testing/logs/filled-store'
import { describeNats } from '@midsentence/testing/nats/nats-tests'
import { override } from '@midsentence/testing/override'
import type { JetStreamClient } from '@nats-io/jetstream'
import { expect, onTestFinished, test } from 'vitest'
import { type OpenCluster, openCluster } from '../nats-cluster.ts'
import type { StreamLink } from './stream-link.ts'
import { SubjectLog } from './subject-log.ts'

const unknown = { code: 'unavailable', data: { unknown: true } }

/** What happens to one publish. */
type PublishFault = 'answered' | 'answer lost' | 'lost'

/** Returns a link whose publishes meet `faults`, one after the other, then none. */
function faulty(link: StreamLink, faults: readonly PublishFault[]): StreamLink {
  let nth = 0
  const publish: JetStreamClient['publish'] = async (...args) => {
    const fault = faults[nth++] ?? 'answered'
    const answer = fault === 'lost' ? undefined : await link.client.publish(...args)
    if (fault !== 'answered' || !answer) throw new Error('no answer in time')
    return answer
  }
  return { ...link, client: override(link.client, { publish }) }
}

async function recordsOf(log: SubjectLog): Promise<RoomRecord[]> {
  const found: RoomRecord[] = []
  for await (const { records } of log.groups('records', 0)) found.push(...(records as RoomRecord[]))
  return found
}

describeNats('lost answers of JetStream', { maxPayload: 65_536 }, ({ options }) => {
  const setUp = async () => {
    const cluster = await openCluster({ ...options(), retryMs: 300 })
    onTestFinished(() => cluster.close())
    const subject = `${cluster.names.prefix}.room.0.lobby`
    const logOf = (owner: string, faults: readonly PublishFault[] = []) =>
      new SubjectLog(faulty(cluster.link, faults), { stream: cluster.names.logs[0]!, subject, room: 'lobby', owner })
    return { cluster, subject, logOf }
  }
  const append = (log: SubjectLog, ...seqs: readonly number[]) =>
    log.run(() =>
      log.append(
        seqs.map(seq => sentMessage(seq)),
        seqs.at(-1)!,
      ),
    )
  const stored = async ({ link, names }: OpenCluster) =>
    (await link.manager.streams.info(names.logs[0]!)).state.messages

  test('a write is one effect however often it is tried', async () => {
    const { cluster, logOf } = await setUp()
    const log = logOf('a', ['answered', 'answer lost', 'lost', 'answered'])
    await log.claim()
    await append(log, 1)
    await append(log, 2)
    expect(await recordsOf(log)).toEqual([sentMessage(1), sentMessage(2)])
    expect(await stored(cluster)).toBe(3)
  })

  test('a claim is one effect however often it is tried', async () => {
    const { cluster, logOf } = await setUp()
    await logOf('a', ['answer lost']).claim()
    expect(await stored(cluster)).toBe(1)
  })

  test.each(['answer lost', 'lost'] as const)('the outcome of a write is known later (%s)', async fault => {
    const { logOf } = await setUp()
    const log = logOf('a', ['answered', ...Array<PublishFault>(20).fill(fault).slice(0, 4)])
    await log.claim()
    await expect(append(log, 1)).rejects.toMatchObject(unknown)
    await expect
      .poll(() =>
        log.settled().then(
          () => 'settled',
          () => 'unsure',
        ),
      )
      .toBe('settled')
    expect(log.state.records).toBe(fault === 'lost' ? 0 : 1)
    await append(log, log.state.records + 1)
    expect((await recordsOf(log)).length).toBe(fault === 'lost' ? 1 : 2)
  })

  test('a write that another owner followed is found', async () => {
    const { cluster, logOf } = await setUp()
    const log = logOf('a', ['answered', 'answer lost'])
    await log.claim()
    const next = logOf('b')
    const publish = cluster.link.client.publish.bind(cluster.link.client)
    let published = 0
    const between = override(cluster.link.client, {
      publish: async (...args: Parameters<JetStreamClient['publish']>) => {
        published++
        // The message id is forgotten as after two minutes.
        if (published === 2) args[2] = { ...args[2], msgID: 'another' }
        const answer = await publish(...args)
        if (published > 1) return answer
        await next.claim()
        throw new Error('no answer in time')
      },
    })
    const { state } = log
    const late = new SubjectLog(
      { ...cluster.link, client: between },
      {
        stream: cluster.names.logs[0]!,
        subject: `${cluster.names.prefix}.room.0.lobby`,
        room: 'lobby',
        owner: 'a',
      },
    )
    await late.load()
    expect(late.state.last).toBe(state.last)
    await append(late, 1)
    await expect(append(late, 2)).rejects.toMatchObject({ code: 'unavailable', data: {} })
    expect(await recordsOf(next)).toEqual([sentMessage(1)])
  })

  test('a group that is larger than a message is one effect', async () => {
    const { cluster, logOf } = await setUp()
    const log = logOf('a')
    await log.claim()
    const large = [sentMessage(1, 'ä'.repeat(150_000)), sentMessage(2)]
    await log.run(() => log.append(large, 2))
    await append(log, 3)
    expect(await stored(cluster)).toBeGreaterThan(6)
    expect(await recordsOf(log)).toEqual([...large, sentMessage(3)])
    const next = logOf('b')
    await next.claim()
    expect(await recordsOf(next)).toEqual([...large, sentMessage(3)])
  })

  test.each([1, 2])('part %i of a group that was never completed has no effect', async parts => {
    const { logOf } = await setUp()
    const log = logOf('a', [
      'answered',
      'answered',
      ...Array<PublishFault>(parts).fill('answered'),
      ...Array<PublishFault>(20).fill('lost'),
    ])
    await log.claim()
    await append(log, 1)
    const large = [sentMessage(2, 'x'.repeat(200_000))]
    await expect(log.run(() => log.append(large, 2))).rejects.toMatchObject(unknown)
    const next = logOf('b')
    await next.claim()
    expect(next.state).toMatchObject({ records: 1, mark: 1 })
    await append(next, 2)
    await append(next, 3)
    expect(await recordsOf(next)).toEqual([1, 2, 3].map(seq => sentMessage(seq)))
    const third = logOf('c')
    await third.load()
    expect(await recordsOf(third)).toEqual([1, 2, 3].map(seq => sentMessage(seq)))
  })
})
