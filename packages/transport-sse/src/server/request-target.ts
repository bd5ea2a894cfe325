import type { IncomingMessage } from 'node:http'

/** Where a request goes to, of what is ours. */
export type Route = { readonly to: 'rpc' } | { readonly to: 'events'; readonly room: string }

export function routeOf(req: IncomingMessage): Route | undefined {
  if (req.url === '/rpc') return toRpc
  const path = pathOf(req)
  if (path === '/rpc') return toRpc
  const room = /^\/rooms\/([^/]+)\/events$/.exec(path)?.[1]
  return room === undefined ? undefined : { to: 'events', room: decoded(room) }
}

const toRpc: Route = { to: 'rpc' }

/** The token of the `Authorization` header. */
export const bearerOf = ({ headers }: IncomingMessage): string | undefined =>
  /^bearer +(\S+)$/i.exec(headers.authorization ?? '')?.[1]

/** The token of a stream: where a header cannot be set, as in a browser's EventSource, it stands in the query. */
export const streamTokenOf = (req: IncomingMessage): string | undefined =>
  bearerOf(req) ?? (queryOf(req).get('token') || undefined)

/** The seq to resume from: undefined where none is named, NaN where what is named is no seq. The header wins. */
export function afterOf(req: IncomingMessage): number | undefined {
  const named = req.headers['last-event-id'] ?? queryOf(req).getAll('after')
  const said = typeof named === 'string' ? named : named.length > 0 ? named.join() : undefined
  if (said === undefined) return undefined
  const seq = /^\d{1,16}$/.test(said) ? Number(said) : Number.NaN
  return Number.isSafeInteger(seq) ? seq : Number.NaN
}

/** Path and query of a request's target, which may be a whole URL. */
const targetOf = ({ url = '' }: IncomingMessage): string => url.replace(/^https?:\/\/[^/?]*/i, '')

const pathOf = (req: IncomingMessage): string => targetOf(req).replace(/\?.*$/s, '')

const queryOf = (req: IncomingMessage): URLSearchParams => new URLSearchParams(/\?(.*)$/s.exec(targetOf(req))?.[1])

/** A name that cannot be decoded is nobody's room. */
function decoded(room: string): string {
  try {
    return decodeURIComponent(room)
  } catch {
    return room
  }
}
