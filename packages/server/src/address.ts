import type { IncomingMessage } from 'node:http'
import { isLoopback } from './loopback.ts'

/** Addresses of what stands in front of this server and says, in `X-Forwarded-For`, for whom it asks. */
export type Proxies = readonly string[]

/** Where a request comes from: the one who connected or, through a proxy that is known, the one it asks for. */
export function addressOf({ socket, headers }: IncomingMessage, proxies: Proxies): string {
  let address = plain(socket.remoteAddress ?? '')
  if (!proxies.includes(address)) return address
  // Each proxy adds whom it heard from at the end; what stands before that anybody may have made up.
  const named = String(headers['x-forwarded-for'] ?? '')
    .split(',')
    .map(each => plain(each.trim()))
    .filter(each => each !== '')
  for (const each of named.reverse()) {
    address = each
    if (!proxies.includes(each)) break
  }
  return address
}

/** Does a proxy that is known say that it was asked by TLS? */
export const isSecure = ({ socket, headers }: IncomingMessage, proxies: Proxies): boolean =>
  proxies.includes(plain(socket.remoteAddress ?? '')) && headers['x-forwarded-proto'] === 'https'

/** An IPv4 address in an IPv6 one is the IPv4 address. */
const plain = (address: string): string => address.replace(/^::ffff:/i, '')

/** Whoever shares an IPv6 network counts as one: there are too many addresses in it to count each. */
export function neighbourhoodOf(address: string): string {
  if (!address.includes(':')) return address
  const [head = '', tail] = address.toLowerCase().split('::')
  const first = head === '' ? [] : head.split(':')
  const rest = tail ? tail.split(':') : []
  const all =
    tail === undefined ? first : [...first, ...Array(Math.max(0, 8 - first.length - rest.length)).fill('0'), ...rest]
  return `${all.slice(0, 4).join(':')}::/64`
}

/** Programs of this machine are trusted not to flood it. */
export const isOfHere = (address: string): boolean => isLoopback(address)
