import type { HttpExchange } from './http-exchange.ts'

/** The endpoint that a request names. */
export type Route =
  | { readonly to: 'rpc' }
  | { readonly to: 'rooms' }
  | { readonly to: 'events' | 'score'; readonly room: string }

/** Returns the endpoint of a target, or undefined for any other path. */
export function routeOf(target: string): Route | undefined {
  if (target === '/rpc') return toRpc
  const path = target.replace(/\?.*$/s, '')
  if (path === '/rpc') return toRpc
  if (path === '/rooms') return { to: 'rooms' }
  const [, room, to] = /^\/rooms\/([^/]+)\/(events|score)$/.exec(path) ?? []
  return room === undefined ? undefined : { to: to as 'events' | 'score', room: decoded(room) }
}

const toRpc: Route = { to: 'rpc' }

/** Reads the token of the `Authorization` header. */
export const bearerOf = (exchange: HttpExchange): string | undefined =>
  /^bearer +(\S+)$/i.exec(exchange.header('authorization') ?? '')?.[1]

/** Reads the token of a stream: the header or, for a browser's EventSource, `?token=`. */
export const streamTokenOf = (exchange: HttpExchange): string | undefined =>
  bearerOf(exchange) ?? (queryOf(exchange).get('token') || undefined)

/**
 * Reads the seq to resume after: `Last-Event-ID`, else `?after=`. Undefined if absent or empty, as an EventSource without a
 * last id may send it. NaN if not a seq.
 */
export const afterOf = (exchange: HttpExchange): number | undefined => idOf(exchange, 'after')

/** Reads the position to watch after: `Last-Event-ID`, else `?from=`. As `afterOf`. */
export const positionOf = (exchange: HttpExchange): number | undefined => idOf(exchange, 'from')

/** Reads the credential of a watcher: the header, percent-encoded, or, for a browser's EventSource, `?credential=`. */
export function credentialOf(exchange: HttpExchange): string | undefined {
  const bearer = bearerOf(exchange)
  return bearer === undefined ? (queryOf(exchange).get('credential') ?? undefined) : decoded(bearer)
}

function idOf(exchange: HttpExchange, name: string): number | undefined {
  const text = exchange.header('last-event-id') || queryOf(exchange).getAll(name).join()
  if (text === '') return undefined
  const seq = /^\d{1,16}$/.test(text) ? Number(text) : Number.NaN
  return Number.isSafeInteger(seq) ? seq : Number.NaN
}

const queryOf = ({ target }: HttpExchange): URLSearchParams => new URLSearchParams(/\?(.*)$/s.exec(target)?.[1])

/** Decodes percent-encoding. Returns a malformed text unchanged: no room has such a name. */
function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}
