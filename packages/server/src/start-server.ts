import type { Server } from 'node:http'
import { type Hub, type HubOptions, openHub } from '@midsentence/core/hub'
import { seedHandlers } from '@midsentence/transport-sse/seed'
import { sseHandlers } from '@midsentence/transport-sse/server'
import { wsUpgrade } from '@midsentence/transport-ws/server'
import { hostnameOf } from './doorkeeper.ts'
import { type Door, frontDoor } from './front-door.ts'
import { listening } from './listening.ts'
import { inUrl, isLoopback } from './loopback.ts'
import { upgrades } from './upgrades.ts'

export interface ServerOptions {
  /** Rooms that are there already; their maker closes them. Default: new ones, as `rooms` says. */
  readonly hub?: Hub
  /** How to make the rooms. Default: in memory. */
  readonly rooms?: HubOptions
  /** The address to listen on. Default `127.0.0.1`: this machine alone. */
  readonly host?: string
  /** Default 8890; 0 takes any that is free. */
  readonly port?: number
  /** Other names by which the server may be called, where something stands in front of it. */
  readonly hosts?: readonly string[]
  /** Serve old clients of the existing Python chat server too. Default true; never beyond this machine. */
  readonly seedDialect?: boolean
  /** Is told what was answered as an error of ours, and at what, to be written into a log. Must not throw. */
  fault?(cause: unknown, what: string): void
}

export interface RunningServer {
  /** Where it is reached from this machine, as `http://127.0.0.1:8890`. */
  readonly url: string
  readonly hub: Hub
  /** A sentence for whoever started it, where there is something to be careful about. */
  readonly warning?: string
  /** Ends it within a second: streams end, waiting calls are answered, every connection is closed. Idempotent, never fails. */
  close(): Promise<void>
}

/** So long may answers that are under way take when the server closes, in milliseconds. */
const CLOSE_MS = 500

/** Starts a server, and resolves once it can be reached. Rejects with `unavailable` where its port cannot be had. */
export async function startServer(options: ServerOptions = {}): Promise<RunningServer> {
  const { host = '127.0.0.1', port = 8890, hosts = [], seedDialect = true, fault } = options
  if (!Number.isInteger(port) || port < 0 || port > 65_535) throw new TypeError(`${port} is no port: take 0 to 65535.`)
  if (options.hub && options.rooms) throw new TypeError('Give startServer either a hub or how to make its rooms.')
  // First, since nobody who connects should wait for it.
  const hub = options.hub ?? (await openHub(options.rooms))
  const own = options.hub ? undefined : hub
  const { server, address } = await listening(host, port).catch(async error => {
    await own?.close()
    throw error
  })
  const local = isLoopback(address.address)
  const told = fault ? { fault } : {}
  const doors: Door[] = [sseHandlers(hub, told), wsUpgrade(hub, told)]
  if (local && seedDialect) doors.push(seedHandlers(hub, told))
  const names = [host, ...hosts].flatMap(name => hostnameOf(`http://${inUrl(name)}`) ?? [])
  const answer = frontDoor({ doors, hosts: names })
  server.on('request', answer).on('checkContinue', answer)
  server.on('upgrade', upgrades(server, { doors, hosts: names }))
  let closing: Promise<void> | undefined
  return {
    url: `http://${inUrl(reachable(address.address))}:${address.port}`,
    hub,
    ...(!local && { warning: beyond(host) }),
    close() {
      closing ??= close(server, doors, own)
      return closing
    },
  }
}

async function close(server: Server, doors: readonly Door[], hub: Hub | undefined): Promise<void> {
  const closed = new Promise<void>(resolve => server.close(() => resolve()))
  const cut = setTimeout(() => server.closeAllConnections(), CLOSE_MS)
  await Promise.all([...doors.map(door => door.close()), hub?.close()])
  // What was answered just now is on its way; its connection is idle once it is written.
  setImmediate(() => server.closeIdleConnections())
  await closed
  clearTimeout(cut)
}

/** Where one who listens everywhere is reached from here. */
const reachable = (address: string): string =>
  address === '0.0.0.0' ? '127.0.0.1' : address === '::' ? '::1' : address

const beyond = (host: string): string =>
  `${host} can be reached from other machines: anybody there may join any room, and nothing is encrypted on the way.`
