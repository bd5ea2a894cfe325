import type { IncomingMessage, Server } from 'node:http'
import { type HubOptions, openHub } from '@midsentence/core/hub'
import { legacyHandlers } from '@midsentence/transport-sse/legacy'
import { sseHandlers } from '@midsentence/transport-sse/server'
import { wsUpgrade } from '@midsentence/transport-ws/server'
import type { Registry } from 'prom-client'
import { addressOf } from './address.ts'
import { AddressLimits } from './address-limits.ts'
import { hostnameOf } from './doorkeeper.ts'
import { guarded } from './entry.ts'
import { type Door, frontDoor } from './front-door.ts'
import { keeperDoor } from './keeper-door.ts'
import { defaultPatience, listening } from './listening.ts'
import { errorFields, noLog } from './log.ts'
import { inUrl, isLoopback } from './loopback.ts'
import { metrics } from './metrics.ts'
import { type RunningServer, type ServerOptions, settled } from './server-options.ts'
import { Tally } from './tally.ts'
import { upgrades } from './upgrades.ts'

/** So long may answers that are under way take when the server closes, in milliseconds. */
const CLOSE_MS = 500

/**
 * Starts a server, and resolves once it can be reached. Rejects with `unavailable` where its port cannot be had, and with
 * `invalid-params` where it would let in everybody who can reach it and nobody said that this is meant.
 */
export async function startServer(options: ServerOptions = {}): Promise<RunningServer> {
  const { host, port, dialect, asks, rate, addressRate, proxies, hosts, origins } = settled(options)
  const { log = noLog, adminToken, fault: told } = options
  const tally = new Tally(log)
  const limits = addressRate && new AddressLimits(addressRate)
  let ready = true
  // First, since nobody who connects should wait for it.
  const hub = options.hub ?? (await openHub(hubOptions()))
  const own = options.hub ? undefined : hub
  const { server, address } = await listening(host, port, { ...defaultPatience, ...options.patience }).catch(
    async error => {
      await own?.close()
      throw error
    },
  )
  const local = isLoopback(address.address)
  const fault = (cause: unknown, what: string): void => {
    tally.faults++
    log.error({ what, ...errorFields(cause) }, 'failed')
    told?.(cause, what)
  }
  const from = { fault, addressOf: (req: IncomingMessage) => addressOf(req, proxies) }
  const doors: Door[] = [sseHandlers(hub, from), wsUpgrade(hub, from)]
  if (dialect) doors.push(legacyHandlers(hub, { fault }))
  let registry: Registry | undefined
  const numbers = (): Registry => {
    registry ??= metrics({
      tally,
      load: () => hub.admin?.load() ?? nothing,
      connections: () => new Promise(resolve => server.getConnections((_, count) => resolve(count))),
      ready: () => ready,
    })
    return registry
  }
  if (adminToken !== undefined) {
    numbers()
    doors.push(keeperDoor({ hub, token: adminToken, log, metrics: numbers, fault }))
  }
  const names = [host, ...hosts].flatMap(name => hostnameOf(`http://${inUrl(name)}`) ?? [])
  const parts = { doors, hosts: names, origins, proxies, asks, tally, log, ready: () => ready }
  const door = limits ? { ...parts, limits } : parts
  const answer = frontDoor(door)
  limits?.watch(server, proxies, from => tally.turned('connection', from))
  server.on('request', answer).on('checkContinue', answer)
  server.on('upgrade', upgrades(server, door))
  const where = { address: address.address, port: address.port }
  log.info({ ...where, asks, dialect, keeper: adminToken !== undefined }, 'listening')
  let closing: Promise<void> | undefined
  return {
    url: `http://${inUrl(reachable(address.address))}:${address.port}`,
    hub,
    asks,
    ...(!local && !asks && { warning: beyond(host) }),
    drain() {
      if (ready) log.info({}, 'draining')
      ready = false
    },
    close() {
      ready = false
      closing ??= close(server, doors, own).then(() => log.info({}, 'closed'))
      return closing
    },
  }

  function hubOptions(): HubOptions {
    const { rooms = {} } = options
    return {
      ...(rate && { rateLimit: rate }),
      monitor: tally,
      ...rooms,
      policy: guarded(rooms.policy, options, limits),
      onFailure(error) {
        ready = false
        log.error(errorFields(error), 'the log failed')
        rooms.onFailure?.(error)
      },
    }
  }
}

const nothing = { rooms: 0, sessions: 0, streams: 0, slow: 0, waitingChecks: 0, waitingPushes: 0 }

async function close(
  server: Server,
  doors: readonly Door[],
  hub: { close(): Promise<void> } | undefined,
): Promise<void> {
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
