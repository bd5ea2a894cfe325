import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http'
import type { Duplex } from 'node:stream'
import { targetBelow } from '@midsentence/core/hub'
import type { AddressLimits } from '../access/address-limits.ts'
import { clientAddress, type TrustedProxies } from '../access/client-address.ts'
import { type HostPolicy, hostViolation, isCrossOrigin, violationSentence } from '../access/host-policy.ts'
import { isLoopback } from '../access/loopback.ts'
import type { Counters } from '../observability/counters.ts'
import type { ServerLog } from '../observability/log.ts'
import type { HttpHandler } from './http-handler.ts'
import type { PageFile } from './page-files.ts'
import { replyWithoutPage, replyWithPage } from './page-handler.ts'
import { refuse, reply } from './reply.ts'

export interface HttpRouterOptions extends HostPolicy {
  /** Called in this order until one answers. */
  readonly handlers: readonly HttpHandler[]
  /** Path at which a proxy serves the server, with a leading slash; empty for the root. Requests may come without it. */
  readonly prefix: string
  readonly proxies: TrustedProxies
  /** Absent: addresses are not limited. */
  readonly limits?: AddressLimits
  /** The files of the page, by URL path. Absent: `/` answers with a short text. */
  readonly page?: ReadonlyMap<string, PageFile>
  readonly counters: Counters
  readonly log: ServerLog
  /** False while the server drains, and after the room log failed. */
  ready(): boolean
  /** Calls `answer` once the earlier answers of the connection are taken. */
  inTurn(req: IncomingMessage, res: ServerResponse, answer: RequestListener): void
  /** Tells whether an earlier answer of the connection is not taken yet. */
  isPending(socket: Duplex): boolean
  /** Reads nothing more of a connection, and drops what was read ahead. */
  stopReading(socket: Duplex): void
  /** Reports what waits for the reader of an answer. The handlers of calls and streams report it themselves. */
  reportUnread(req: IncomingMessage, res: ServerResponse): void
}

/** Creates the listener of all requests: checks Host, Origin and rate, then calls the handlers, then answers `/` itself. */
export function httpRouter(options: HttpRouterOptions): RequestListener {
  const { handlers, proxies, limits, counters, log } = options
  const removePrefix = prefixRemover(options.prefix)
  const logsRequests = log.isLevelEnabled?.('debug') ?? true
  const answer = async (req: IncomingMessage, res: ServerResponse): Promise<void> => {
    const address = clientAddress(req, proxies)
    // Before all else, so that refusals cost too.
    if (limits && !isLoopback(address)) {
      if (!limits.addProxied(req, res, proxies)) {
        counters.requestTurnedAway('connection', address)
        return refuse(req, res, 429, tooManyAtOnce, { 'retry-after': '1', connection: 'close' })
      }
      const wait = await limits.take(address)
      if (wait > 0) {
        counters.requestTurnedAway('address', address)
        const isHeld = await holdBack(req.socket, limits.refuse(address), options)
        if (req.socket.destroyed) return
        const headers = { 'retry-after': `${Math.ceil(wait / 1000)}`, ...(isHeld && { connection: 'close' }) }
        return refuse(req, res, 429, tooManyRequests(wait), headers)
      }
    }
    const violation = hostViolation(req, options)
    if (violation !== undefined) {
      counters.requestTurnedAway(violation, address)
      return refuse(req, res, 403, violationSentence(req, violation))
    }
    if (!options.ready()) res.setHeader('connection', 'close')
    if (isCrossOrigin(req)) res.setHeaders(corsHeaders(req.headers.origin!))
    if (req.method === 'OPTIONS' && req.headers['access-control-request-method'] !== undefined) {
      res.writeHead(204, preflight).end()
      return
    }
    if (req.headers.expect !== undefined) res.writeContinue()
    if (bareRequests.has(req)) return reply(req, res, 308, 'text/plain', '', { location: `${options.prefix}/` })
    for (const handler of handlers) {
      const handled = handler.handle(req, res)
      if (handled === true) return
      if (handled !== false && (await handled)) return options.reportUnread(req, res)
    }
    answerBuiltIn(req, res, options)
    options.reportUnread(req, res)
  }
  return (req, res) => {
    const began = performance.now()
    // A connection may break at any time, and nothing is left to do then.
    req.on('error', () => {})
    res.on('error', () => {})
    if (options.prefix !== '' && pathOf(req) === options.prefix && isRead(req)) bareRequests.add(req)
    removePrefix(req)
    if (logsRequests) res.once('close', () => logRequest(log, req, res, performance.now() - began))
    options.inTurn(req, res, answer)
  }
}

/** Requests for the prefix without a slash after it. A page there would load its files from outside of the prefix. */
const bareRequests = new WeakSet<IncomingMessage>()

const isRead = ({ method }: IncomingMessage): boolean => method === 'GET' || method === 'HEAD'

/**
 * Waits `ms` milliseconds and reads nothing meanwhile. A client that sends on regardless of refusals would otherwise keep
 * the server busy with them. Resolves with false at once for 0.
 */
export async function holdBack(
  socket: Duplex,
  ms: number,
  { stopReading }: Pick<HttpRouterOptions, 'stopReading'>,
): Promise<boolean> {
  if (ms === 0) return false
  stopReading(socket)
  // Real time, since this concerns the connection and not the rooms.
  await new Promise<void>(resolve => {
    const timer = setTimeout(end, ms).unref()
    function end() {
      clearTimeout(timer)
      socket.off('close', end)
      resolve()
    }
    socket.on('close', end)
  })
  return true
}

/** Returns a function that removes `prefix` from the target of a request, if it is there. */
export function prefixRemover(prefix: string): (req: IncomingMessage) => void {
  if (prefix === '') return () => {}
  const below = targetBelow(prefix)
  return req => {
    const target = below(req)
    if (target !== undefined) req.url = target
  }
}

/** Returns the path without the query, which may contain a token. */
const pathOf = ({ url = '' }: IncomingMessage): string => url.replace(/^https?:\/\/[^/?]*/i, '').replace(/\?.*$/s, '')

function logRequest(log: ServerLog, req: IncomingMessage, res: ServerResponse, ms: number): void {
  const status = res.headersSent ? res.statusCode : 0
  log.debug({ method: req.method, path: pathOf(req).slice(0, 200), status, ms: Math.round(ms) }, 'request')
}

/** Answers the page and the health checks, and 404 for every other path. */
function answerBuiltIn(
  req: IncomingMessage,
  res: ServerResponse,
  { prefix, page, ready }: Pick<HttpRouterOptions, 'prefix' | 'page' | 'ready'>,
): void {
  const path = pathOf(req)
  if (page && replyWithPage(req, res, path, page)) return
  if (path !== '/' && path !== '/healthz' && path !== '/readyz') {
    const at = JSON.stringify(path.slice(0, 100))
    return refuse(req, res, 404, `There is nothing at ${at}: rpc.discover describes the calls of this server.`)
  }
  if (!isRead(req)) return refuse(req, res, 405, `${path} takes GET only.`, { allow: 'GET, HEAD' })
  if (path === '/') return replyWithoutPage(req, res, prefix)
  if (path === '/healthz') return reply(req, res, 200, 'application/json', '{"status":"ok"}')
  const [status, text] = ready() ? [200, 'ready'] : [503, 'not ready']
  reply(req, res, status, 'application/json', JSON.stringify({ status: text }))
}

const tooManyAtOnce = 'Your address has too many requests open: close some, then try again.'

const tooManyRequests = (ms: number) => `Too many requests from your address: wait ${Math.ceil(ms / 1000)} seconds.`

const corsHeaders = (origin: string): Map<string, string> =>
  new Map([
    ['access-control-allow-origin', origin],
    ['vary', 'origin'],
  ])

const preflight = {
  'access-control-allow-methods': 'GET, POST',
  'access-control-allow-headers': 'authorization, content-type, last-event-id',
  'access-control-max-age': '600',
}
