import type { IncomingMessage, ServerResponse } from 'node:http'
import { text } from 'node:stream/consumers'
import type { Hub } from '@midsentence/core/hub'
import { adminDispatcher } from '@midsentence/core/wire'
import type { Registry } from 'prom-client'
import { sameSecret } from '../access/authentication.ts'
import type { ServerLog } from '../observability/log.ts'
import type { HttpHandler } from './http-handler.ts'
import { refuse, reply } from './reply.ts'

export interface AdminHandlerOptions {
  readonly hub: Hub
  /** The bearer token that both paths require. */
  readonly token: string
  readonly log: ServerLog
  readonly metrics: Registry
  /** Called with each internal error and the path it happened at. */
  fault(cause: unknown, what: string): void
}

const MAX_BYTES = 64 * 1024

/** Creates the handler of the admin API (JSON-RPC over POST) and of `GET /metrics`. Both answer 401 without the token. */
export function adminHandler({ hub, token, log, metrics, fault }: AdminHandlerOptions): HttpHandler {
  const dispatcher = adminDispatcher(hub, { fault })

  const callAdmin = async (req: IncomingMessage, res: ServerResponse): Promise<void> => {
    if (req.method !== 'POST') return refuse(req, res, 405, '/admin takes POST only.', { allow: 'POST' })
    if (!/^\s*application\/json\s*(;|$)/i.test(req.headers['content-type'] ?? '')) {
      return refuse(req, res, 415, 'Send JSON with "content-type: application/json".')
    }
    if (!(Number(req.headers['content-length']) <= MAX_BYTES)) {
      return refuse(req, res, 413, `Send at most ${MAX_BYTES} bytes, and say how many.`)
    }
    const request = await text(req)
    log.info({ methods: methodsIn(request) }, 'admin')
    const response = await dispatcher.dispatch(request, {})
    if (response === undefined) res.writeHead(204, { 'cache-control': 'no-store' }).end()
    else reply(req, res, 200, 'application/json', response)
  }

  const sendMetrics = async (req: IncomingMessage, res: ServerResponse): Promise<void> => {
    if (req.method !== 'GET') return refuse(req, res, 405, '/metrics takes GET only.', { allow: 'GET' })
    reply(req, res, 200, 'text/plain; version=0.0.4', await metrics.metrics())
  }

  return {
    async handle(req, res) {
      const path = req.url?.replace(/\?.*$/s, '')
      if (path !== '/admin' && path !== '/metrics') return false
      const bearer = /^bearer +(\S+)$/i.exec(req.headers.authorization ?? '')?.[1]
      if (bearer === undefined || !sameSecret(bearer, token)) {
        const headers = { 'www-authenticate': 'Bearer' }
        refuse(req, res, 401, `${path} is for administrators: send the admin token.`, headers)
        return true
      }
      try {
        await (path === '/admin' ? callAdmin(req, res) : sendMetrics(req, res))
      } catch (cause) {
        if (!req.complete) return true
        fault(cause, path)
        if (!res.headersSent)
          refuse(req, res, 500, 'Something went wrong in the server, not in your request. Try again.')
      }
      return true
    },
    async close() {},
  }
}

/** Returns the method names in a request, for the log, which must contain nothing else of it. */
const methodsIn = (request: string): readonly string[] =>
  [...request.matchAll(/"method"\s*:\s*"(admin\.[a-z]{1,20}|rpc\.discover)"/g)].slice(0, 50).map(([, name]) => name!)
