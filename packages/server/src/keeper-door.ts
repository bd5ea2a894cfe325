import type { IncomingMessage, ServerResponse } from 'node:http'
import { text } from 'node:stream/consumers'
import type { Hub } from '@midsentence/core/hub'
import { adminDispatcher } from '@midsentence/core/wire'
import type { Registry } from 'prom-client'
import { sameSecret } from './entry.ts'
import type { Door } from './front-door.ts'
import type { ServerLog } from './log.ts'
import { refuse, reply } from './reply.ts'

export interface KeeperDoorOptions {
  readonly hub: Hub
  /** Whoever shows it is the keeper. */
  readonly token: string
  readonly log: ServerLog
  metrics(): Registry
  fault(cause: unknown, what: string): void
}

const MAX_BYTES = 64 * 1024

/** `POST /admin` and `GET /metrics`, for who has the keeper's token and nobody else. */
export function keeperDoor({ hub, token, log, metrics, fault }: KeeperDoorOptions): Door {
  const dispatcher = adminDispatcher(hub, { fault })

  const keep = async (req: IncomingMessage, res: ServerResponse): Promise<void> => {
    if (req.method !== 'POST') return refuse(req, res, 405, '/admin is reached by POST alone.', { allow: 'POST' })
    if (!/^\s*application\/json\s*(;|$)/i.test(req.headers['content-type'] ?? '')) {
      return refuse(req, res, 415, 'Send JSON with "content-type: application/json".')
    }
    if (!(Number(req.headers['content-length']) <= MAX_BYTES)) {
      return refuse(req, res, 413, `Send at most ${MAX_BYTES} bytes, and say how many.`)
    }
    const asked = await text(req)
    log.info({ methods: methodsIn(asked) }, 'keeper')
    const said = await dispatcher.dispatch(asked, {})
    if (said === undefined) res.writeHead(204, { 'cache-control': 'no-store' }).end()
    else reply(req, res, 200, 'application/json', said)
  }

  const count = async (req: IncomingMessage, res: ServerResponse): Promise<void> => {
    if (req.method !== 'GET') return refuse(req, res, 405, '/metrics is reached by GET alone.', { allow: 'GET' })
    reply(req, res, 200, 'text/plain; version=0.0.4', await metrics().metrics())
  }

  return {
    async handle(req, res) {
      const path = req.url?.replace(/\?.*$/s, '')
      if (path !== '/admin' && path !== '/metrics') return false
      const shown = /^bearer +(\S+)$/i.exec(req.headers.authorization ?? '')?.[1]
      if (shown === undefined || !sameSecret(shown, token)) {
        const headers = { 'www-authenticate': 'Bearer' }
        refuse(req, res, 401, `${path} is for the administrator of this server: send its token.`, headers)
        return true
      }
      try {
        await (path === '/admin' ? keep(req, res) : count(req, res))
      } catch (cause) {
        if (!req.complete) return true
        fault(cause, path)
        if (!res.headersSent) refuse(req, res, 500, 'Something went wrong here, not with you. Try again.')
      }
      return true
    },
    async close() {},
  }
}

/** The names of the methods, for the log; nothing else that was sent. */
const methodsIn = (asked: string): readonly string[] =>
  [...asked.matchAll(/"method"\s*:\s*"(admin\.[a-z]{1,20}|rpc\.discover)"/g)].slice(0, 50).map(([, name]) => name!)
