import type { SessionRecord } from '@midsentence/core'
import { granted, sentMessage } from '@midsentence/testing/logs/filled-store'
import { describeNats } from '@midsentence/testing/nats/nats-tests'
import { expect, onTestFinished, test } from 'vitest'
import { verifyRoom } from '../copies/verify-cluster.ts'
import { type NatsClusterOptions, openCluster } from '../nats-cluster.ts'

async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = []
  for await (const item of items) found.push(item)
  return found
}

const seqs = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, nth) => from + nth)
const acted = (session_id: string, given: number): SessionRecord => ({
  session_id,
  fact: { type: 'acted', push: 1, given },
})

describeNats('what logs keep', {}, ({ options }) => {
  const opened = async (more: Partial<NatsClusterOptions> = {}) => {
    const cluster = await openCluster({ ...options(), ...more })
    onTestFinished(() => cluster.close())
    const stored = async () => (await cluster.link.manager.streams.info(cluster.names.logs[0]!)).state.messages
    return { ...cluster, stored }
  }

  test('a room loses the messages that retention does not keep and a snapshot covers', async () => {
    const { logs, stored } = await opened({ retention: { messages: 10 } })
    const { log } = await logs.claim('lobby', 'a')
    const positions = ['0']
    for (const seq of seqs(1, 40)) {
      positions.push(await log.append('lobby', [sentMessage(seq), granted], positions.at(-1)!))
    }
    expect(await stored()).toBe(42)
    await log.snapshots!.save('lobby', { position: positions[20]!, state: 'twenty' })
    expect((await log.messages('lobby', 0, 100)).map(({ seq }) => seq)).toEqual(seqs(21, 40))
    await log.snapshots!.save('lobby', { position: positions[39]!, state: 'all but one' })
    expect((await log.messages('lobby', 0, 100)).map(({ seq }) => seq)).toEqual(seqs(31, 40))
    expect(await log.head('lobby')).toBe('80')
    await expect(all(log.records('lobby', positions[20]))).rejects.toMatchObject({ code: 'unavailable' })
    const next = (await logs.claim('lobby', 'b')).log
    expect((await all(next.records('lobby'))).length).toBe(20)
    expect(await next.snapshots!.load('lobby')).toEqual({ position: '78', state: 'all but one' })
    expect(await all(next.records('lobby', '78'))).toEqual([sentMessage(40), granted])
    expect(await verifyRoom(logs, 'lobby')).toMatchObject({ messages: 10, records: 20, problems: [] })
  })

  test('a room loses messages by their age, and keeps the newest', async () => {
    const { logs } = await opened({ retention: { age_ms: -60_000 } })
    const { log } = await logs.claim('lobby', 'a')
    let head = await log.head('lobby')
    for (const seq of seqs(1, 5)) head = await log.append('lobby', [sentMessage(seq)], head)
    await log.snapshots!.save('lobby', { position: head, state: {} })
    expect((await log.messages('lobby', 0, 100)).map(({ seq }) => seq)).toEqual([5])
  })

  test('an older snapshot does not replace a newer one', async () => {
    const { logs } = await opened()
    const old = (await logs.claim('lobby', 'a')).log
    await old.append('lobby', [sentMessage(1), sentMessage(2)], '0')
    await old.snapshots!.save('lobby', { position: '1', state: 'first' })
    const next = (await logs.claim('lobby', 'b')).log
    await next.snapshots!.save('lobby', { position: '2', state: 'second' })
    const late = (await logs.claim('lobby', 'c')).log
    await expect(late.snapshots!.save('lobby', { position: '1', state: 'late' })).rejects.toThrow('newer snapshot')
    expect(await late.snapshots!.load('lobby')).toEqual({ position: '2', state: 'second' })
  })

  test('a snapshot may be larger than a message', async () => {
    const { logs } = await opened()
    const { log } = await logs.claim('lobby', 'a')
    const large = { position: await log.append('lobby', [sentMessage(1)], '0'), state: 'x'.repeat(3e6) }
    await log.snapshots!.save('lobby', { ...large, state: 'small' })
    await log.snapshots!.save('lobby', large)
    const next = (await logs.claim('lobby', 'b')).log
    expect(await next.snapshots!.load('lobby')).toEqual(large)
  })

  test('a log of sessions is rewritten when most of its records can go, at the same position', async () => {
    const { logs, stored } = await opened()
    const { sessions } = await logs.claim('lobby', 'a')
    const facts = seqs(1, 1200).map(given => acted('s', given))
    const snapshot = { session_id: 's', fact: { type: 'snapshot' } } as unknown as SessionRecord
    let head = '0'
    for (let at = 0; at < facts.length; at += 100) {
      head = await sessions.append('lobby', facts.slice(at, at + 100), head)
    }
    head = await sessions.append('lobby', [snapshot, acted('t', 1), acted('s', 1)], head)
    const kept = [snapshot, acted('t', 1), acted('s', 1)]
    const next = (await logs.claim('lobby', 'b')).sessions
    expect(await all(next.read('lobby'))).toEqual(kept)
    expect(await stored()).toBe(2)
    expect(await next.head('lobby')).toBe(head)
    await next.append('lobby', [acted('t', 2)], head)
    expect(await all((await logs.claim('lobby', 'c')).sessions.read('lobby'))).toEqual([...kept, acted('t', 2)])
    expect(await all(logs.rooms())).toEqual(['lobby'])
    expect(await verifyRoom(logs, 'lobby')).toMatchObject({ sessions: 2, problems: [] })
  })
})
