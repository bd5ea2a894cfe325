import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type NatsServers, startNats } from '@midsentence/testing/nats/nats-servers'
import { onTestFinished } from 'vitest'
import { midsentence, type ServeProcess } from '../midsentence.ts'
import { type LinkProxy, linkProxy } from './link-proxy.ts'

const ADMIN_TOKEN = 'an-admin-token-for-tests'

/** One midsentence server of a cluster, as the shipped command runs it. */
export interface ClusterServer extends ServeProcess {
  readonly name: string
  readonly pid: number
}

/** Three midsentence servers over three NATS servers, which keep each message twice more. */
export interface RunningCluster {
  readonly nats: NatsServers
  /** The running servers, by their place. A place stays with its address. */
  readonly servers: ClusterServer[]
  /** The links between the server at a place and all NATS servers. */
  readonly links: readonly (readonly LinkProxy[])[]
  /** Starts a server again at its place. */
  start(at: number): Promise<void>
  /** Returns the place of the server that has a room. Undefined: none has it now. */
  ownerOf(room: string): Promise<number | undefined>
}

/** Starts a cluster. Ends with its test. */
export async function runningCluster(): Promise<RunningCluster> {
  const nats = await startNats({ servers: 3 })
  onTestFinished(() => nats.close())
  const folder = mkdtempSync(join(tmpdir(), 'midsentence-cluster-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  const tokenFile = join(folder, 'token')
  writeFileSync(tokenFile, ADMIN_TOKEN)
  const links = await Promise.all([0, 1, 2].map(() => Promise.all(nats.urls.map(url => linkProxy(url)))))
  const servers: ClusterServer[] = []
  const ports = [0, 0, 0]
  const start = async (at: number): Promise<void> => {
    const name = `server-${at}`
    const urls = links[at]!.map(({ url }) => url).join(',')
    const args = ['--server-name', name, '--nats', urls, '--admin-token-file', tokenFile, '--no-page']
    const process = midsentence('serve', '--port', `${ports[at]}`, '--log-level', 'silent', ...args)
    const [, url] = await process.says(/midsentence serves at (\S+)\. Ctrl-C ends it\.\n/)
    ports[at] = Number(new URL(url!).port)
    servers[at] = { url: url!, process, name, pid: process.pid }
  }
  // One after the other: the first one makes the streams.
  for (const at of [0, 1, 2]) await start(at)
  return { nats, servers, links, start, ownerOf }

  async function ownerOf(room: string): Promise<number | undefined> {
    for (const { url } of servers) {
      const response = await fetch(`${url}/admin`, {
        method: 'POST',
        signal: AbortSignal.timeout(2000),
        headers: { 'content-type': 'application/json', authorization: `Bearer ${ADMIN_TOKEN}` },
        body: '{"jsonrpc":"2.0","id":1,"method":"admin.rooms"}',
      }).catch(() => undefined)
      if (!response?.ok) continue
      const { result } = (await response.json()) as { result?: { rooms: { room: string; server?: string }[] } }
      // A server without a lease does not know it.
      const name = result?.rooms.find(each => each.room === room)?.server
      const at = servers.findIndex(server => server.name === name)
      if (at >= 0) return at
    }
    return undefined
  }
}
