import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { connect } from '@nats-io/transport-node'
import { freshFolder } from '../harness/store-harness.ts'

/** The nats-server that tests start. */
export const natsProgram = process.env.MIDSENTENCE_NATS_SERVER ?? 'nats-server'

/** Why there is no nats-server. Undefined: there is one. */
export const missingNats =
  spawnSync(natsProgram, ['--version']).status === 0 ? undefined : 'nats-server is missing: install it.'

/** Whether tests with NATS are skipped. They fail instead where all components must be there. */
export const skipsNats = missingNats !== undefined && !process.env.CI

/** How long a server or a cluster may take until it can be used, in milliseconds. */
const READY_MS = 30_000

/** How long a cluster may take until it places a stream, in milliseconds. */
const PLACED_MS = 20_000

export interface NatsServersOptions {
  /** Default 1. */
  readonly servers?: number
  /** Flush each write. Default: every two minutes. */
  readonly syncAlways?: true
  /** Maximum bytes of a message. Default 1 MB. */
  readonly maxPayload?: number
  /** Further lines of each server's settings. */
  readonly settings?: string
}

/** One nats-server with JetStream in a separate folder. */
export class NatsServer {
  readonly name: string
  readonly url: string
  readonly #monitor: string
  readonly #config: string
  #process: ChildProcess | undefined

  constructor(name: string, port: number, monitor: number, config: string) {
    this.name = name
    this.url = `nats://127.0.0.1:${port}`
    this.#monitor = `http://127.0.0.1:${monitor}`
    this.#config = config
  }

  start(): void {
    const child = spawn(natsProgram, ['-c', this.#config], { stdio: 'ignore' })
    const kill = () => void child.kill('SIGKILL')
    process.once('exit', kill)
    child.once('exit', () => process.off('exit', kill))
    this.#process = child
  }

  /** Resolves when it serves JetStream, and its cluster has a leader. */
  async ready(): Promise<void> {
    const end = Date.now() + READY_MS
    while (!(await this.#isHealthy())) {
      if (Date.now() > end) throw new Error(`nats-server ${this.name} is not ready after ${READY_MS / 1000} s.`)
      await sleep(25)
    }
  }

  async #isHealthy(): Promise<boolean> {
    try {
      if (!(await fetch(`${this.#monitor}/healthz`)).ok) return false
      const { meta_cluster } = await this.state()
      return !meta_cluster || Boolean(meta_cluster.leader)
    } catch {
      return false
    }
  }

  /** Returns what it says of its JetStream. */
  async state(): Promise<{ readonly meta_cluster?: { readonly leader?: string } }> {
    return (await (await fetch(`${this.#monitor}/jsz`)).json()) as { meta_cluster?: { leader?: string } }
  }

  /** Returns the name of the server that leads a stream. */
  async leaderOf(stream: string): Promise<string | undefined> {
    const state = (await (await fetch(`${this.#monitor}/jsz?streams=true&accounts=true`)).json()) as {
      account_details?: { stream_detail?: { name: string; cluster?: { leader?: string } }[] }[]
    }
    const streams = state.account_details?.flatMap(account => account.stream_detail ?? [])
    return streams?.find(({ name }) => name === stream)?.cluster?.leader
  }

  /** Ends it as a crash does. */
  kill(): Promise<void> {
    return this.#end('SIGKILL')
  }

  async #end(signal: NodeJS.Signals): Promise<void> {
    const child = this.#process
    this.#process = undefined
    if (!child || child.exitCode !== null || child.signalCode !== null) return
    const ended = new Promise(resolve => child.once('exit', resolve))
    child.kill(signal)
    await ended
  }

  /** Stops all its threads until `resume`. */
  suspend(): void {
    this.#process?.kill('SIGSTOP')
  }

  resume(): void {
    this.#process?.kill('SIGCONT')
  }

  /** Ends it, and starts it on the same folder. */
  async restart(): Promise<void> {
    await this.kill()
    this.start()
    await this.ready()
  }
}

/** Servers that form one NATS. */
export interface NatsServers {
  readonly servers: readonly NatsServer[]
  readonly urls: readonly string[]
  close(): Promise<void>
}

/** Starts one nats-server, or a cluster of several, on free ports with empty folders. */
export async function startNats(options: NatsServersOptions = {}): Promise<NatsServers> {
  for (let tried = 1; ; tried++) {
    const nats = await startOnce(options)
    if (nats.servers.length === 1 || (await placesStreams(nats))) return nats
    // Seen on busy machines: for a minute a cluster found no place for a stream, though its servers had a leader.
    const states = await Promise.all(nats.servers.map(server => server.state()))
    console.warn(`NATS places no stream on ${nats.urls.length} servers: ${JSON.stringify(states)}`)
    await nats.close()
    if (tried === 3) throw new Error('No cluster of NATS servers could be started.')
  }
}

/** Creates a stream with a replica on each server. Resolves with false if NATS does not for a while. */
async function placesStreams({ urls }: NatsServers): Promise<boolean> {
  const connection = await connect({ servers: [...urls] })
  const ask = async (api: string, request: object) =>
    (await connection.request(`$JS.API.STREAM.${api}.ready`, JSON.stringify(request))).json<{ error?: object }>()
  try {
    const stream = { name: 'ready', subjects: ['ready'], num_replicas: urls.length, storage: 'memory' }
    for (const end = Date.now() + PLACED_MS; Date.now() < end; await sleep(100)) {
      const { error } = await ask('CREATE', stream).catch(error => ({ error }))
      if (error) continue
      await ask('DELETE', {})
      return true
    }
    return false
  } finally {
    await connection.close()
  }
}

async function startOnce({ servers = 1, ...options }: NatsServersOptions): Promise<NatsServers> {
  if (missingNats) throw new Error(missingNats)
  const folder = freshFolder()
  const ports = await freePorts(servers * 3)
  const routes = ports.slice(servers * 2)
  const cluster = `cluster-${ports[0]}`
  const all = Array.from({ length: servers }, (_, nth) => {
    const config = join(folder, `${nth}.conf`)
    const [port, monitor] = [ports[nth]!, ports[servers + nth]!]
    const name = `n${nth}`
    mkdirSync(join(folder, name))
    writeFileSync(
      config,
      configOf({ name, port, monitor, store: join(folder, name), routes, nth, cluster, ...options }),
    )
    return new NatsServer(name, port, monitor, config)
  })
  const close = async (): Promise<void> => {
    await Promise.all(all.map(server => server.kill()))
    rmSync(folder, { recursive: true, force: true })
  }
  try {
    for (const server of all) server.start()
    await Promise.all(all.map(server => server.ready()))
  } catch (error) {
    await close()
    throw error
  }
  return { servers: all, urls: all.map(({ url }) => url), close }
}

interface ServerConfig extends Omit<NatsServersOptions, 'servers'> {
  readonly name: string
  readonly port: number
  readonly monitor: number
  readonly store: string
  readonly routes: readonly number[]
  readonly nth: number
  readonly cluster: string
}

function configOf({
  name,
  port,
  monitor,
  store,
  routes,
  nth,
  cluster,
  syncAlways,
  maxPayload,
  settings,
}: ServerConfig): string {
  const sync = syncAlways ? ', sync_interval: always' : ''
  const lines = [
    `server_name: ${name}`,
    `listen: "127.0.0.1:${port}"`,
    `http: "127.0.0.1:${monitor}"`,
    `jetstream: { store_dir: "${store}", max_memory_store: 268435456, max_file_store: 8589934592${sync} }`,
  ]
  if (maxPayload !== undefined) lines.push(`max_payload: ${maxPayload}`)
  if (settings !== undefined) lines.push(settings)
  if (routes.length > 1) {
    const urls = routes.map(route => `"nats://127.0.0.1:${route}"`).join(', ')
    lines.push(
      `cluster: { name: "${cluster}", listen: "127.0.0.1:${routes[nth]}", routes: [${urls}], no_advertise: true }`,
    )
  }
  return `${lines.join('\n')}\n`
}

/** Returns ports that are free now. All are held until the last one is found, so that they differ. */
export async function freePorts(count: number): Promise<number[]> {
  const held = await Promise.all(
    Array.from({ length: count }, async () => {
      const server = createServer()
      await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
      return server
    }),
  )
  const ports = held.map(server => (server.address() as { port: number }).port)
  await Promise.all(held.map(server => new Promise(resolve => server.close(resolve))))
  return ports
}
