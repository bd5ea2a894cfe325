import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http'
import type { Duplex } from 'node:stream'
import { type Doorkeeping, isFromElsewhere, turnedAway } from './doorkeeper.ts'
import { page, pageHeaders } from './page.ts'
import { refuse, reply } from './reply.ts'

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
}

/** Answers every request: turns away who may not come in, asks the doors, and has a page of its own. */
export function frontDoor({ doors, hosts }: FrontDoorOptions): RequestListener {
  const answer = async (req: IncomingMessage, res: ServerResponse): Promise<void> => {
    const why = turnedAway(req, { hosts })
    if (why !== undefined) return refuse(req, res, 403, why)
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
    own(req, res)
  }
  return (req, res) => {
    // A connection may break at any moment; there is nobody to tell.
    req.on('error', () => {})
    res.on('error', () => {})
    void answer(req, res)
  }
}

/** What no door answers. */
function own(req: IncomingMessage, res: ServerResponse): void {
  const path = (req.url ?? '').replace(/^https?:\/\/[^/?]*/i, '').replace(/\?.*$/s, '')
  if (path !== '/' && path !== '/healthz') {
    return refuse(req, res, 404, `There is nothing at ${JSON.stringify(path.slice(0, 100))}: GET / says what there is.`)
  }
  if (req.method !== 'GET' && req.method !== 'HEAD') {
    return refuse(req, res, 405, `${path} is reached by GET alone.`, { allow: 'GET, HEAD' })
  }
  if (path === '/healthz') return reply(req, res, 200, 'application/json', '{"status":"ok"}')
  reply(req, res, 200, 'text/html', page(`http://${req.headers.host}`), pageHeaders)
}

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
