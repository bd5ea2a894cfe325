import { setTimeout as sleep } from 'node:timers/promises'
import { expect } from 'vitest'
import type { RetryingCaller } from './retrying-caller.ts'
import type { RunningCluster } from './running-cluster.ts'

const ROOM = 'debate'

/** How long an owner is stopped, and how long links are cut: longer than others wait for it. */
const STOPPED_MS = Number(process.env.MIDSENTENCE_STOPPED_MS ?? 20_000)
const CUT_MS = 8000

type Fault = (cluster: RunningCluster, writers: readonly RetryingCaller[]) => Promise<void>

/** What is done to a cluster under load. Each leaves it whole. */
export const faults = {
  /** The process of the room's owner is killed, and started again. */
  async 'owner killed'(cluster) {
    const at = await owner(cluster)
    cluster.servers[at]!.process.kill('SIGKILL')
    await cluster.servers[at]!.process.ended
    await sleep(6000)
    await cluster.start(at)
  },
  /** The NATS server that leads the stream of the room is killed, and started again. */
  async 'leader killed'({ nats }) {
    const names = await Promise.all([0, 1, 2, 3].map(nth => nats.servers[0]!.leaderOf(`midsentence-logs-${nth}`)))
    const leader = nats.servers.find(({ name }) => names.includes(name)) ?? nats.servers[0]!
    await leader.kill()
    await sleep(3000)
    leader.start()
    await leader.ready()
  },
  /** The owner's process is stopped, and goes on later as if nothing had happened: it may give no old answer. */
  async 'owner stopped'(cluster, writers) {
    const at = await owner(cluster)
    const { url, pid } = cluster.servers[at]!
    process.kill(pid, 'SIGSTOP')
    await sleep(STOPPED_MS / 2)
    const [{ token, cursor }] = [writers[0]!]
    const asked = fetch(`${url}/rpc`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
      body: JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'preview', params: {} }),
    })
    await sleep(STOPPED_MS / 2)
    process.kill(pid, 'SIGCONT')
    const text = await asked.then(
      response => response.text(),
      () => '',
    )
    // What another server acknowledged before the call was made is known, or nothing is said, as to a request that is too old.
    const { result, error } = JSON.parse(text || '{}') as { result?: { cursor: number }; error?: { code: number } }
    if (result) expect(result.cursor).toBeGreaterThanOrEqual(cursor)
    else if (error) expect(error.code).toBe(40013)
  },
  /** All servers are killed, and started again. */
  async 'all servers killed'(cluster) {
    for (const { process } of cluster.servers) process.kill('SIGKILL')
    await Promise.all(cluster.servers.map(({ process }) => process.ended))
    for (const at of [0, 1, 2]) await cluster.start(at)
  },
  /** All NATS servers are killed, and started again. */
  async 'all NATS servers killed'({ nats }) {
    await Promise.all(nats.servers.map(server => server.kill()))
    for (const server of nats.servers) server.start()
    await Promise.all(nats.servers.map(server => server.ready()))
  },
  /** The owner cannot reach NATS for a while. */
  async 'links cut'(cluster) {
    const links = cluster.links[await owner(cluster)]!
    for (const link of links) link.cut()
    await sleep(CUT_MS)
    for (const link of links) link.heal()
  },
  /** Each server in turn is asked to end, as a new version is rolled out, and started again. */
  async 'rolling restart'(cluster) {
    for (const at of [0, 1, 2]) {
      cluster.servers[at]!.process.kill('SIGTERM')
      expect(await cluster.servers[at]!.process.ended).toMatchObject({ stderr: '' })
      await cluster.start(at)
    }
  },
} satisfies Readonly<Record<string, Fault>>

export type FaultName = keyof typeof faults

async function owner(cluster: RunningCluster): Promise<number> {
  for (let tried = 0; tried < 100; tried++) {
    const at = await cluster.ownerOf(ROOM)
    if (at !== undefined) return at
    await sleep(100)
  }
  throw new Error('No server has the room.')
}
