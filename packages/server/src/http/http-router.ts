import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http'
import type { AddressLimits } from '../access/address-limits.ts'
import { clientAddress, isHttpsAtProxy, type TrustedProxies } from '../access/client-address.ts'
import { type HostPolicy, hostViolation, isCrossOrigin, violationSentence } from '../access/host-policy.ts'
import { isLoopback } from '../access/loopback.ts'
import type { Counters } from '../observability/counters.ts'
import type { ServerLog } from '../observability/log.ts'
import type { HttpHandler } from './http-handler.ts'
import { page, pageHeaders } from './page.ts'
import { refuse, reply } from './reply.ts'

export interface HttpRouterOptions extends HostPolicy {
  /** Called in this order until one answers. */
  readonly handlers: readonly HttpHandler[]
  readonly proxies: TrustedProxies
  /** Absent: addresses are not limited. */
  readonly limits?: AddressLimits
  /** Whether `join` needs a credential. */
  readonly requiresCredential: boolean
  readonly counters: Counters
  readonly log: ServerLog
  /** False while the server drains, and after the room log failed. */
  ready(): boolean
}

/** Creates the listener of all requests: checks Host, Origin and rate, then calls the handlers, then answers `/` itself. */
export function httpRouter(options: HttpRouterOptions): RequestListener {
  const { handlers, proxies, limits, counters, log } = options
  const logsRequests = log.isLevelEnabled?.('debug') ?? true
  const answer = async (req: IncomingMessage, res: ServerResponse): Promise<void> => {
    const address = clientAddress(req, proxies)
    const violation = hostViolation(req, options)
    if (violation !== undefined) {
      counters.requestTurnedAway(violation, address)
      return refuse(req, res, 403, violationSentence(req, violation))
    }
    if (limits && !isLoopback(address)) {
      const wait = await limits.takeRequest(address)
      if (wait > 0) {
        counters.requestTurnedAway('address', address)
        return refuse(req, res, 429, tooManyRequests(wait), { 'retry-after': `${Math.ceil(wait / 1000)}` })
      }
    }
    if (!options.ready()) res.setHeader('connection', 'close')
    if (isCrossOrigin(req)) res.setHeaders(corsHeaders(req.headers.origin!))
    if (req.method === 'OPTIONS' && req.headers['access-control-request-method'] !== undefined) {
      res.writeHead(204, preflight).end()
      return
    }
    if (req.headers.expect !== undefined) res.writeContinue()
    for (const handler of handlers) {
      const handled = handler.handle(req, res)
      if (handled === true || (handled !== false && (await handled))) return
    }
    answerBuiltIn(req, res, options)
  }
  return (req, res) => {
    const began = performance.now()
    // A connection may break at any time, and nothing is left to do then.
    req.on('error', () => {})
    res.on('error', () => {})
    if (logsRequests) res.once('close', () => logRequest(log, req, res, performance.now() - began))
    void answer(req, res)
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
  { requiresCredential, proxies, ready }: HttpRouterOptions,
): void {
  const path = pathOf(req)
  if (path !== '/' && path !== '/healthz' && path !== '/readyz') {
    return refuse(req, res, 404, `There is nothing at ${JSON.stringify(path.slice(0, 100))}: GET / lists the paths.`)
  }
  if (req.method !== 'GET' && req.method !== 'HEAD') {
    return refuse(req, res, 405, `${path} takes GET only.`, { allow: 'GET, HEAD' })
  }
  if (path === '/healthz') return reply(req, res, 200, 'application/json', '{"status":"ok"}')
  if (path === '/readyz') {
    const [status, text] = ready() ? [200, 'ready'] : [503, 'not ready']
    return reply(req, res, status, 'application/json', JSON.stringify({ status: text }))
  }
  const scheme = isHttpsAtProxy(req, proxies) ? 'https' : 'http'
  reply(req, res, 200, 'text/html', page(`${scheme}://${req.headers.host}`, requiresCredential), pageHeaders)
}

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
