import type { HttpExchange } from './http-exchange.ts'

/** The endpoint that a request names. */
export type Route = { readonly to: 'rpc' } | { readonly to: 'events'; readonly room: string }

/** Returns the endpoint of a target, or undefined for any other path. */
export function routeOf(target: string): Route | undefined {
  if (target === '/rpc') return toRpc
  const path = target.replace(/\?.*$/s, '')
  if (path === '/rpc') return toRpc
  const room = /^\/rooms\/([^/]+)\/events$/.exec(path)?.[1]
  return room === undefined ? undefined : { to: 'events', room: decoded(room) }
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
export function afterOf(exchange: HttpExchange): number | undefined {
  const text = exchange.header('last-event-id') || queryOf(exchange).getAll('after').join()
  if (text === '') return undefined
  const seq = /^\d{1,16}$/.test(text) ? Number(text) : Number.NaN
  return Number.isSafeInteger(seq) ? seq : Number.NaN
}

const queryOf = ({ target }: HttpExchange): URLSearchParams => new URLSearchParams(/\?(.*)$/s.exec(target)?.[1])

/** Decodes a room name. Returns it unchanged if malformed: no room has such a name. */
function decoded(room: string): string {
  try {
    return decodeURIComponent(room)
  } catch {
    return room
  }
}
