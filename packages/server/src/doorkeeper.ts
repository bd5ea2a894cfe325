import type { IncomingMessage } from 'node:http'
import { isLoopback } from './loopback.ts'

/** Whom the doorkeeper lets in, beside those who came from this machine to this machine. */
export interface Doorkeeping {
  /** Names and addresses by which the server may be called. */
  readonly hosts: readonly string[]
  /** Pages that may use it besides its own and those of this machine, as `https://chat.example`. */
  readonly origins?: readonly string[]
}

/**
 * Why `req` may not come in, as a sentence. A page from anywhere can have its name led to this machine, and would then
 * speak with the server as if it were its own: so the server is to be called by a name it knows, and pages of others are
 * not served. Looks at nothing but the head of the request.
 */
export function turnedAway(req: IncomingMessage, keeping: Doorkeeping): string | undefined {
  const { host = '', origin = '' } = req.headers
  switch (strangeIn(req, keeping)) {
    case 'host':
      return `This server does not go by the name ${shown(host)}: call it by the address it was started on.`
    case 'origin':
      return `Pages from ${shown(origin)} may not use this server: open one that this server or this machine serves.`
    default:
      return undefined
  }
}

/** What of a request's head is strange, if anything is. */
export function strangeIn(req: IncomingMessage, { hosts, origins = [] }: Doorkeeping): 'host' | 'origin' | undefined {
  const { host = '', origin } = req.headers
  const called = plainHost.test(host) ? hostnameOf(`http://${host}`) : undefined
  if (called === undefined || !(isLoopback(called) || hosts.includes(called) || called === addressOf(req))) {
    return 'host'
  }
  if (origin === undefined || isSameOrigin(origin, host) || isLoopback(hostnameOf(origin) ?? '')) return undefined
  return origins.includes(origin) ? undefined : 'origin'
}

/** Does the page that asks come from elsewhere, so that its browser wants to be told that it may? */
export const isFromElsewhere = ({ headers: { origin, host = '' } }: IncomingMessage): boolean =>
  origin !== undefined && !isSameOrigin(origin, host)

/** A name or an address, and a port: nothing else that an address could hold. */
const plainHost = /^(\[[0-9a-f:.]+\]|[^\s:/@?#\\[\]]+)(:\d{1,5})?$/i

const isSameOrigin = (origin: string, host: string): boolean =>
  /^https?:$/.test(parsed(origin)?.protocol ?? '') && parsed(origin)?.host === parsed(`http://${host}`)?.host

/** The name or address in a url, in lower case, without port and brackets. */
export const hostnameOf = (url: string): string | undefined => parsed(url)?.hostname.replace(/^\[|\]$/g, '')

const parsed = (url: string): URL | undefined => (URL.canParse(url) ? new URL(url) : undefined)

/** The address of this machine that the request came in at: no name can be led there by somebody else. */
const addressOf = ({ socket }: IncomingMessage): string | undefined => socket.localAddress?.replace(/^::ffff:/, '')

const shown = (text: string): string => JSON.stringify(text.slice(0, 100))
