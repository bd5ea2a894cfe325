import type { IncomingMessage } from 'node:http'
import { plainAddress } from './client-address.ts'
import { isLoopback } from './loopback.ts'

/** Which Host and Origin headers the server accepts besides those of this machine. */
export interface HostPolicy {
  /** Names and addresses of the server. */
  readonly hosts: readonly string[]
  /** Further origins whose pages may call the server, such as `https://chat.example`. */
  readonly origins?: readonly string[]
}

/**
 * Returns the header that makes `req` unacceptable, if there is one. Reads the request's head only. This prevents DNS
 * rebinding: a foreign page can resolve its own name to this machine, and would then call the server as its own origin.
 */
export function hostViolation(
  req: IncomingMessage,
  { hosts, origins = [] }: HostPolicy,
): 'host' | 'origin' | undefined {
  const { host = '', origin } = req.headers
  const name = hostHeader.test(host) ? hostnameOf(`http://${host}`) : undefined
  if (name === undefined || !(isLoopback(name) || hosts.includes(name) || name === localAddress(req))) return 'host'
  if (origin === undefined) return isFromOtherSite(req) ? 'origin' : undefined
  if (isSameOrigin(origin, host) || isLoopback(hostnameOf(origin) ?? '')) return undefined
  return origins.includes(origin) ? undefined : 'origin'
}

/**
 * Tells whether a browser sends the request for a page of another origin, though without an Origin, as for an image. Only the
 * page at `/` may be opened from there: a link to it calls nothing. Other programs than browsers send no such header.
 */
function isFromOtherSite({ method, url = '', headers }: IncomingMessage): boolean {
  const site = headers['sec-fetch-site']
  if (site === undefined || site === 'same-origin' || site === 'none') return false
  return !(method === 'GET' && headers['sec-fetch-mode'] === 'navigate' && /^\/(\?|$)/.test(url))
}

/** Returns the error sentence for a violation. */
export function violationSentence({ headers }: IncomingMessage, violation: 'host' | 'origin'): string {
  return violation === 'host'
    ? `This server does not go by the name ${quoted(headers.host ?? '')}: call it by the address it was started on.`
    : `Pages from ${headers.origin === undefined ? 'another site' : quoted(headers.origin)} may not use this server: open one that this server or this machine serves.`
}

/** Tells whether a page of another origin sent the request, so that its browser needs CORS headers. */
export const isCrossOrigin = ({ headers: { origin, host = '' } }: IncomingMessage): boolean =>
  origin !== undefined && !isSameOrigin(origin, host)

/** Matches a name or an address with an optional port, and no other part of a URL. */
const hostHeader = /^(\[[0-9a-f:.]+\]|[^\s:/@?#\\[\]]+)(:\d{1,5})?$/i

const isSameOrigin = (origin: string, host: string): boolean =>
  /^https?:$/.test(parseUrl(origin)?.protocol ?? '') && parseUrl(origin)?.host === parseUrl(`http://${host}`)?.host

/** Returns the name or address in a URL, in lower case, without port and brackets. */
export const hostnameOf = (url: string): string | undefined => parseUrl(url)?.hostname.replace(/^\[|\]$/g, '')

const parseUrl = (url: string): URL | undefined => (URL.canParse(url) ? new URL(url) : undefined)

/** Returns the local address of the connection. It is safe to accept: no foreign name resolves to a bare address. */
const localAddress = ({ socket }: IncomingMessage): string => plainAddress(socket.localAddress ?? '')

const quoted = (text: string): string => JSON.stringify(text.slice(0, 100))
