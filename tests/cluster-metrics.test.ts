import { openClusterHub } from '@midsentence/cluster-nats'
import { virtualClock } from '@midsentence/core'
import { startServer } from '@midsentence/server'
import { MemoryCluster } from '@midsentence/testing/cluster/memory-cluster'
import { expect, onTestFinished, test } from 'vitest'

const adminToken = 'an-admin-token-of-a-test'

test('[G14] the metrics and the log of a cluster show a lost lease, and /readyz answers 503 without it', async () => {
  const memory = new MemoryCluster()
  const clock = virtualClock()
  const start = async () => {
    const parts = memory.server()
    const link = { isCut: false }
    const lines: unknown[] = []
    const line = (level: string) => (fields: object, message: string) => {
      if (/lease|evicted/.test(message)) lines.push({ level, ...fields })
    }
    const log = { debug: line('debug'), info: line('info'), warn: line('warn'), error: line('error') }
    const directory = {
      ...parts.directory,
      renew: (entry: Parameters<typeof parts.directory.renew>[0]) =>
        link.isCut ? Promise.reject(new Error('no answer')) : parts.directory.renew(entry),
    }
    const rooms = { clock }
    const openHub = (options: object) => openClusterHub({ ...options, ...parts, directory, clock, name: 'a server' })
    const server = await startServer({ port: 0, adminToken, rooms, log, openHub, legacyDialect: false })
    onTestFinished(() => server.close())
    const metric = async (name: string) => {
      const res = await fetch(`${server.url}/metrics`, { headers: { authorization: `Bearer ${adminToken}` } })
      const row = (await res.text()).split('\n').find(row => row.startsWith(`midsentence_cluster_${name} `))
      return Number(row?.split(' ')[1])
    }
    const ready = async () => (await fetch(`${server.url}/readyz`)).status
    return { hub: server.hub, link, lines, metric, ready }
  }
  const [one, two] = [await start(), await start()]
  await clock.advance(750)
  await one.hub.join({ username: 'Ada', room: 'a-room' })
  await two.hub.join({ username: 'Ben', room: 'a-room' })
  const both = async (name: string) => [await one.metric(name), await two.metric(name)]
  const rooms = await both('rooms')
  expect([...rooms].sort()).toEqual([0, 1])
  expect(await both('claims_total')).toEqual(rooms)
  const [owner, other] = rooms[0] === 1 ? [one, two] : [two, one]
  expect(await other.metric('calls_sent_total')).toBeGreaterThan(0)
  expect(await owner.metric('calls_received_total')).toBe(await other.metric('calls_sent_total'))
  expect(await owner.ready()).toBe(200)

  owner.link.isCut = true
  await clock.advance(2600)
  expect([await owner.ready(), await other.ready()]).toEqual([503, 200])
  owner.link.isCut = false
  await clock.advance(750)
  expect([await owner.ready(), await owner.metric('lease_interruptions_total')]).toEqual([200, 1])
  expect(await other.metric('evictions_total')).toBe(0)
  expect([owner.lines.splice(0), other.lines]).toEqual([
    [
      { level: 'warn', rooms: 1, evicted: false },
      { level: 'warn', seconds: 0.5, evicted: false },
    ],
    [],
  ])

  owner.link.isCut = true
  await clock.advance(6000)
  expect(await other.metric('evictions_total')).toBe(1)
  expect(await both('lost_links_total')).toEqual([0, 0])
  expect(other.lines).toEqual([{ level: 'info', server: 'a server', seconds: 3.8 }])
  owner.link.isCut = false
  await clock.advance(1500)
  expect(owner.lines).toEqual([
    { level: 'warn', rooms: 1, evicted: false },
    { level: 'warn', seconds: expect.any(Number), evicted: true },
  ])
})
