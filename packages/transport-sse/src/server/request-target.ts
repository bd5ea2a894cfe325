import type { IncomingMessage } from 'node:http'

/** The endpoint that a request names. */
export type Route = { readonly to: 'rpc' } | { readonly to: 'events'; readonly room: string }

/** Returns the endpoint of a request, or undefined for any other path. */
export function routeOf(req: IncomingMessage): Route | undefined {
  if (req.url === '/rpc') return toRpc
  const path = pathOf(req)
  if (path === '/rpc') return toRpc
  const room = /^\/rooms\/([^/]+)\/events$/.exec(path)?.[1]
  return room === undefined ? undefined : { to: 'events', room: decoded(room) }
}

const toRpc: Route = { to: 'rpc' }

/** Reads the token of the `Authorization` header. */
export const bearerOf = ({ headers }: IncomingMessage): string | undefined =>
  /^bearer +(\S+)$/i.exec(headers.authorization ?? '')?.[1]

/** Reads the token of a stream: the header or, for a browser's EventSource, `?token=`. */
export const streamTokenOf = (req: IncomingMessage): string | undefined =>
  bearerOf(req) ?? (queryOf(req).get('token') || undefined)

/** Reads the seq to resume after: `Last-Event-ID`, else `?after=`. Undefined if absent or an empty header, NaN if not a seq. */
export function afterOf(req: IncomingMessage): number | undefined {
  // An EventSource without a last id may send an empty header.
  const named = req.headers['last-event-id'] || queryOf(req).getAll('after')
  const text = typeof named === 'string' ? named : named.length > 0 ? named.join() : undefined
  if (text === undefined) return undefined
  const seq = /^\d{1,16}$/.test(text) ? Number(text) : Number.NaN
  return Number.isSafeInteger(seq) ? seq : Number.NaN
}

/** Returns path and query of a request's target, which may be an absolute URL. */
const targetOf = ({ url = '' }: IncomingMessage): string => url.replace(/^https?:\/\/[^/?]*/i, '')

const pathOf = (req: IncomingMessage): string => targetOf(req).replace(/\?.*$/s, '')

const queryOf = (req: IncomingMessage): URLSearchParams => new URLSearchParams(/\?(.*)$/s.exec(targetOf(req))?.[1])

/** Decodes a room name. Returns it unchanged if malformed: no room has such a name. */
function decoded(room: string): string {
  try {
    return decodeURIComponent(room)
  } catch {
    return room
  }
}
