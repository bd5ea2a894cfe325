import type { RoomRecord, SessionRecord } from '@midsentence/core'
import { type NatsServersOptions, skipsNats, startNats } from '@midsentence/testing/nats/nats-servers'
import { expect, onTestFinished, test } from 'vitest'
import { type NatsCluster, type NatsClusterOptions, natsCluster } from './nats-cluster.ts'

async function open(options: NatsServersOptions, more: Partial<NatsClusterOptions> = {}) {
  const nats = await startNats(options)
  onTestFinished(() => nats.close())
  return async (): Promise<NatsCluster> => {
    const cluster = await natsCluster({ servers: nats.urls, ...more })
    onTestFinished(() => cluster.close())
    return cluster
  }
}

const record = (seq: number): RoomRecord => ({
  type: 'message',
  message: {
    message_id: `m-${seq}`,
    sender_id: 'Ada',
    content: 'hello',
    timestamp: '2026-01-01T00:00:00.000Z',
    seq,
    base: 0,
  },
  session: 's-1',
  push: seq,
  key: '',
})

test.skipIf(skipsNats)('[G13] after a claim every append of the owner before is refused, in both logs', async () => {
  const connect = await open({ servers: 1 })
  const [one, two] = [await connect(), await connect()]
  const old = await one.logs.claim('lobby', 'one')
  const position = await old.log.append('lobby', [record(1)], await old.log.head('lobby'))
  const next = await two.logs.claim('lobby', 'two')
  await expect(old.log.append('lobby', [record(2)], position)).rejects.toMatchObject({ code: 'unavailable' })
  const closed: SessionRecord = { session_id: 's-1', fact: { type: 'closed' } }
  await expect(old.sessions.append('lobby', [closed], '0')).rejects.toMatchObject({ code: 'unavailable' })
  expect(await one.logs.ownerOf('lobby')).toBe('two')
  const end = await next.log.append('lobby', [record(2)], await next.log.head('lobby'))
  expect((await next.log.messages('lobby', 0, 10)).map(({ seq }) => seq)).toEqual([1, 2])
  expect(await next.log.head('lobby')).toBe(end)
})

test.skipIf(skipsNats)('[G18] durability says what one NATS server gives', async () => {
  const durabilityOf = async (options: NatsServersOptions, more: Partial<NatsClusterOptions>) =>
    (await (await open(options, more))()).logs.durability
  expect(await durabilityOf({ servers: 1 }, {})).toBe('memory')
  expect(await durabilityOf({ servers: 1, syncAlways: true }, { sync: 'always' })).toBe('flushed')
})
