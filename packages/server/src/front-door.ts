import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http'
import type { Duplex } from 'node:stream'
import { addressOf, isOfHere, isSecure, type Proxies } from './address.ts'
import type { AddressLimits } from './address-limits.ts'
import { type Doorkeeping, isFromElsewhere, strangeIn, turnedAway } from './doorkeeper.ts'
import type { ServerLog } from './log.ts'
import { page, pageHeaders } from './page.ts'
import { refuse, reply } from './reply.ts'
import type { Tally } from './tally.ts'

/** What answers some of the paths. The front door knows no more of it. */
export interface Door {
  /** False where the path is none of its own; then nothing was touched. Must neither throw nor reject. */
  handle(req: IncomingMessage, res: ServerResponse): boolean | Promise<boolean>
  /** For requests to make a WebSocket of their connection. False as above. Absent: it has none. */
  upgrade?(req: IncomingMessage, socket: Duplex, head: Buffer): boolean
  /** Ends what it holds open, within a second. Idempotent, never fails. */
  close(): Promise<void>
}

export interface FrontDoorOptions extends Doorkeeping {
  /** Asked in this order. */
  readonly doors: readonly Door[]
  readonly proxies: Proxies
  /** How much one address may ask for. Absent: whatever it likes. */
  readonly limits?: AddressLimits
  /** Whoever joins has to show something. */
  readonly asks: boolean
  readonly tally: Tally
  readonly log: ServerLog
  /** False while it drains, or where its log has failed. */
  ready(): boolean
}

/** Answers every request: turns away who may not come in, asks the doors, and has a page of its own. */
export function frontDoor(options: FrontDoorOptions): RequestListener {
  const { doors, proxies, limits, tally, log } = options
  const logged = log.isLevelEnabled?.('debug') ?? true
  const answer = async (req: IncomingMessage, res: ServerResponse): Promise<void> => {
    const address = addressOf(req, proxies)
    const strange = strangeIn(req, options)
    if (strange !== undefined) {
      tally.turned(strange, address)
      return refuse(req, res, 403, turnedAway(req, options)!)
    }
    if (limits && !isOfHere(address)) {
      const wait = await limits.request(address)
      if (wait > 0) {
        tally.turned('address', address)
        return refuse(req, res, 429, tooMany(wait), { 'retry-after': `${Math.ceil(wait / 1000)}` })
      }
    }
    if (!options.ready()) res.setHeader('connection', 'close')
    if (isFromElsewhere(req)) res.setHeaders(welcome(req.headers.origin!))
    if (req.method === 'OPTIONS' && req.headers['access-control-request-method'] !== undefined) {
      res.writeHead(204, preflight).end()
      return
    }
    if (req.headers.expect !== undefined) res.writeContinue()
    for (const door of doors) {
      const handled = door.handle(req, res)
      if (handled === true || (handled !== false && (await handled))) return
    }
    own(req, res, options)
  }
  return (req, res) => {
    const began = performance.now()
    // A connection may break at any moment; there is nobody to tell.
    req.on('error', () => {})
    res.on('error', () => {})
    if (logged) res.once('close', () => logRequest(log, req, res, performance.now() - began))
    void answer(req, res)
  }
}

/** Never the query: a token may stand there. */
const pathOf = ({ url = '' }: IncomingMessage): string => url.replace(/^https?:\/\/[^/?]*/i, '').replace(/\?.*$/s, '')

function logRequest(log: ServerLog, req: IncomingMessage, res: ServerResponse, ms: number): void {
  const status = res.headersSent ? res.statusCode : 0
  log.debug({ method: req.method, path: pathOf(req).slice(0, 200), status, ms: Math.round(ms) }, 'request')
}

/** What no door answers. */
function own(req: IncomingMessage, res: ServerResponse, { asks, proxies, ready }: FrontDoorOptions): void {
  const path = pathOf(req)
  if (path !== '/' && path !== '/healthz' && path !== '/readyz') {
    return refuse(req, res, 404, `There is nothing at ${JSON.stringify(path.slice(0, 100))}: GET / says what there is.`)
  }
  if (req.method !== 'GET' && req.method !== 'HEAD') {
    return refuse(req, res, 405, `${path} is reached by GET alone.`, { allow: 'GET, HEAD' })
  }
  if (path === '/healthz') return reply(req, res, 200, 'application/json', '{"status":"ok"}')
  if (path === '/readyz') {
    const isReady = ready()
    return reply(
      req,
      res,
      isReady ? 200 : 503,
      'application/json',
      JSON.stringify({ status: isReady ? 'ready' : 'not ready' }),
    )
  }
  const scheme = isSecure(req, proxies) ? 'https' : 'http'
  reply(req, res, 200, 'text/html', page(`${scheme}://${req.headers.host}`, asks), pageHeaders)
}

const tooMany = (ms: number) =>
  `These are more requests than one address may make: wait ${Math.ceil(ms / 1000)} seconds.`

const welcome = (origin: string): Map<string, string> =>
  new Map([
    ['access-control-allow-origin', origin],
    ['vary', 'origin'],
  ])

const preflight = {
  'access-control-allow-methods': 'GET, POST',
  'access-control-allow-headers': 'authorization, content-type, last-event-id',
  'access-control-max-age': '600',
}
