import { sentMessage } from '@midsentence/testing/logs/filled-store'
import { describeNats } from '@midsentence/testing/nats/nats-tests'
import { expect, onTestFinished, test } from 'vitest'
import { type OpenCluster, openCluster } from '../nats-cluster.ts'

const lost = { code: 'unavailable', message: 'Another server owns the room lobby.' }

async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = []
  for await (const item of items) found.push(item)
  return found
}

describeNats('owners of rooms', {}, ({ options }) => {
  const opened = async (shared = options()) => {
    const cluster = await openCluster(shared)
    onTestFinished(() => cluster.close())
    return cluster
  }
  const two = async (): Promise<[OpenCluster, OpenCluster]> => {
    const shared = options()
    const first = await opened(shared)
    return [first, await opened(shared)]
  }

  test('an owner is fenced off by the next one in its log and its sessions', async () => {
    const [{ logs: a }, { logs: b }] = await two()
    const old = await a.claim('lobby', 'a')
    const first = await old.log.append('lobby', [sentMessage(1)], await old.log.head('lobby'))
    expect(await b.ownerOf('lobby')).toBe('a')
    await b.claim('lobby', 'b')
    expect(await a.ownerOf('lobby')).toBe('b')
    await expect(old.log.append('lobby', [sentMessage(2)], first)).rejects.toMatchObject(lost)
    const record = { session_id: 's', fact: { type: 'acted', push: 1, given: 1 } } as const
    await expect(old.sessions.append('lobby', [record], '0')).rejects.toMatchObject(lost)
    await expect(a.confirm('lobby', 'a')).rejects.toMatchObject(lost)
    await expect(old.log.head('lobby')).rejects.toMatchObject(lost)
  })

  test('of servers that claim a room at once one can write', async () => {
    const [{ logs: a }, { logs: b }] = await two()
    const rounds = 100
    for (let round = 1; round <= rounds; round++) {
      const claims = await Promise.allSettled([a.claim('lobby', `a${round}`), b.claim('lobby', `b${round}`)])
      const logs = claims.flatMap(claim => (claim.status === 'fulfilled' ? [claim.value.log] : []))
      const appends = await Promise.allSettled(
        logs.map(async log => log.append('lobby', [sentMessage(round)], await log.head('lobby'))),
      )
      expect(appends.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
      const failures = [...claims, ...appends].flatMap(each => (each.status === 'rejected' ? [each.reason] : []))
      for (const failure of failures) expect(failure).toMatchObject({ code: 'unavailable', data: {} })
    }
    const { log } = await a.claim('lobby', 'last')
    expect((await all(log.records('lobby'))).length).toBe(rounds)
  })

  test('a claim takes the room from an owner that goes on writing', async () => {
    const [{ logs: a }, { logs: b }] = await two()
    const { log } = await a.claim('lobby', 'a')
    let seq = 0
    let head = await log.head('lobby')
    const writing = (async () => {
      for (;;) head = await log.append('lobby', [sentMessage(seq + 1)], head).finally(() => seq++)
    })()
    const ended = expect(writing).rejects.toMatchObject(lost)
    const { log: next } = await b.claim('lobby', 'b')
    await ended
    expect((await all(next.records('lobby'))).length).toBe(seq - 1)
  })

  test('a confirmed owner goes on, and a room that was released has no owner', async () => {
    const [{ logs: a, link, names }, { logs: b }] = await two()
    const { log } = await a.claim('lobby', 'a')
    await log.append('lobby', [sentMessage(1)], '0')
    for (let nth = 0; nth < 5; nth++) await a.confirm('lobby', 'a')
    await log.append('lobby', [sentMessage(2)], '1')
    await a.release('lobby', 'a')
    expect(await b.ownerOf('lobby')).toBeUndefined()
    await expect(log.append('lobby', [sentMessage(3)], '2')).rejects.toMatchObject({ code: 'unavailable' })
    await expect(a.release('lobby', 'a')).rejects.toMatchObject(lost)
    const next = await b.claim('lobby', 'b')
    expect(await next.log.head('lobby')).toBe('2')
    // An owner record stays until the next one of the room is there, or of its sessions.
    const messages = async () => (await link.manager.streams.info(names.logs[0]!)).state.messages
    await expect.poll(messages).toBe(4)
  })

  test('a room without records leaves nothing', async () => {
    const { logs, link, names } = await opened()
    const { sessions } = await logs.claim('lobby', 'a')
    await sessions.append('lobby', [{ session_id: 's', fact: { type: 'closed' } }], '0')
    await sessions.release!('lobby')
    await logs.release('lobby', 'a')
    expect((await link.manager.streams.info(names.logs[0]!)).state.messages).toBe(0)
    expect(await logs.ownerOf('lobby')).toBeUndefined()
    const again = await logs.claim('lobby', 'b')
    expect([await again.log.head('lobby'), await again.sessions.head('lobby')]).toEqual(['0', '0'])
  })
})
