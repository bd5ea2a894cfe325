import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import type { Policy } from '@midsentence/core'
import { type HubOptions, noLoad, openHub } from '@midsentence/core/hub'
import { legacyHandlers } from '@midsentence/transport-sse/legacy'
import { inTurn, isPending, reportUnread, sseHandlers, stopReading } from '@midsentence/transport-sse/server'
import { wsUpgrade } from '@midsentence/transport-ws/server'
import type { Registry } from 'prom-client'
import { AddressLimits } from './access/address-limits.ts'
import { withAuthentication } from './access/authentication.ts'
import { BacklogLimits } from './access/backlog-limits.ts'
import { clientAddress } from './access/client-address.ts'
import { hostnameOf } from './access/host-policy.ts'
import { inUrl, isLoopback } from './access/loopback.ts'
import { adminHandler } from './http/admin-handler.ts'
import type { HttpHandler } from './http/http-handler.ts'
import { httpRouter } from './http/http-router.ts'
import { defaultHttpTimeouts, listen } from './http/listen.ts'
import { readPageFiles } from './http/page-files.ts'
import { upgradeListener } from './http/upgrades.ts'
import { Counters } from './observability/counters.ts'
import { errorFields, noLog } from './observability/log.ts'
import { metrics } from './observability/metrics.ts'
import { type RunningServer, resolveServerOptions, type ServerOptions } from './server-options.ts'

/** When the server closes, connections with unfinished answers are cut after this time. */
const CLOSE_MS = 500

/**
 * Starts a server, and resolves once it accepts connections. Rejects with `unavailable` if it cannot listen, and with
 * `invalid-params` if anyone who reaches it could join and `openToAll` is not set.
 */
export async function startServer(options: ServerOptions = {}): Promise<RunningServer> {
  const { host, port, prefix, proxies, hosts, origins, callRate, addressRate, backlogBounds, ...resolved } =
    resolveServerOptions(options)
  const { legacyDialect, requiresCredential, listsRooms } = resolved
  const { log = noLog, adminToken } = options
  const counters = new Counters(log)
  const limits = addressRate && new AddressLimits(addressRate)
  const backlog = new BacklogLimits(backlogBounds, address => counters.requestTurnedAway('backlog', address))
  // Before all that has to be closed again: there may be no page.
  const page = options.page === undefined ? undefined : await readPageFiles(options.page, requiresCredential)
  let ready = true
  // Before listening: no client waits while the hub loads.
  const hub = options.hub ?? (await (options.openHub ?? openHub)(hubOptions()))
  const ownHub = options.hub ? undefined : hub
  const { server, address } = await listen(host, port, { ...defaultHttpTimeouts, ...options.timeouts }).catch(
    async error => {
      await ownHub?.close()
      throw error
    },
  )
  const isReady = () => ready && hub.isReady !== false
  const fault = (cause: unknown, what: string): void => {
    counters.faults++
    log.error({ what, ...errorFields(cause) }, 'failed')
    options.fault?.(cause, what)
  }
  const handlerOptions = {
    ...{ fault, backlog },
    addressOf: (req: IncomingMessage) => clientAddress(req, proxies),
    ...(limits && { budgetOf: (req: IncomingMessage) => limits.budgetOf(clientAddress(req, proxies)) }),
  }
  const handlers: HttpHandler[] = [sseHandlers(hub, handlerOptions), wsUpgrade(hub, handlerOptions)]
  if (legacyDialect) handlers.push(legacyHandlers(hub, handlerOptions))
  if (adminToken !== undefined) {
    handlers.push(adminHandler({ hub, token: adminToken, log, metrics: metricsRegistry(), fault }))
  }
  const routerOptions = {
    ...{ handlers, prefix, origins, proxies, counters, log, inTurn, isPending, stopReading },
    ...(page && { page }),
    reportUnread: (req: IncomingMessage, res: ServerResponse) => reportUnread(req, res, handlerOptions),
    hosts: [host, ...hosts].flatMap(name => hostnameOf(`http://${inUrl(name)}`) ?? []),
    ...(limits && { limits }),
    ready: isReady,
  }
  const answer = httpRouter(routerOptions)
  server.maxConnections = resolved.maxConnections
  // Without a listener, an accept that fails for want of descriptors would end the process.
  server.on('error', () => counters.requestTurnedAway('connection', ''))
  server.on('drop', data => counters.requestTurnedAway('connection', data?.remoteAddress ?? ''))
  limits?.limitConnections(server, proxies, from => counters.requestTurnedAway('connection', from))
  server.on('request', answer).on('checkContinue', answer)
  server.on('upgrade', upgradeListener(server, routerOptions))
  const listening = { address: address.address, port: address.port }
  log.info({ ...listening, requiresCredential, legacyDialect, admin: adminToken !== undefined }, 'listening')
  let closing: Promise<void> | undefined
  return {
    url: `http://${inUrl(connectableAddress(address.address))}:${address.port}${prefix}`,
    hub,
    requiresCredential,
    ...(!isLoopback(address.address) && !requiresCredential && { warning: openServerWarning(host) }),
    drain() {
      if (ready) log.info({}, 'draining')
      ready = false
    },
    close() {
      ready = false
      closing ??= closeServer(server, handlers, ownHub).then(() => {
        counters.close()
        log.info({}, 'closed')
      })
      return closing
    },
  }

  function hubOptions(): HubOptions {
    const { rooms = {} } = options
    return {
      ...(callRate && { rateLimit: callRate }),
      monitor: counters,
      ...rooms,
      policy: withListing(withAuthentication(rooms.policy, options, limits), listsRooms),
      onFailure(error) {
        ready = false
        log.error(errorFields(error), 'the log failed')
        rooms.onFailure?.(error)
      },
    }
  }

  function metricsRegistry(): Registry {
    return metrics({
      counters,
      load: () => hub.admin?.load() ?? noLoad,
      ...(hub.admin?.clusterLoad && { clusterLoad: hub.admin.clusterLoad.bind(hub.admin) }),
      connections: () => new Promise(resolve => server.getConnections((_, count) => resolve(count))),
      ready: isReady,
    })
  }
}

/** Sets whether rooms are listed whose settings do not say so. */
const withListing = (policy: Policy, listed: boolean): Policy => ({
  ...policy,
  room: room => policy.room(room),
  limits: room => policy.limits(room),
  access: room => ({ listed, ...policy.access?.(room) }),
})

async function closeServer(
  server: Server,
  handlers: readonly HttpHandler[],
  hub: { close(): Promise<void> } | undefined,
): Promise<void> {
  const closed = new Promise<void>(resolve => server.close(() => resolve()))
  const cut = setTimeout(() => server.closeAllConnections(), CLOSE_MS)
  await Promise.all([...handlers.map(handler => handler.close()), hub?.close()])
  // A connection counts as idle only after its last answer is written, so wait for one turn of the event loop.
  setImmediate(() => server.closeIdleConnections())
  await closed
  clearTimeout(cut)
}

/** Replaces a wildcard address by the loopback address of the same IP version. */
const connectableAddress = (address: string): string =>
  address === '0.0.0.0' ? '127.0.0.1' : address === '::' ? '::1' : address

const openServerWarning = (host: string): string =>
  `${host} can be reached from other machines: anybody there may join any room, and nothing is encrypted on the way.`
