import type { IncomingMessage } from 'node:http'

/** Addresses of reverse proxies whose `X-Forwarded-For` and `X-Forwarded-Proto` headers are trusted. */
export type TrustedProxies = readonly string[]

/** Returns the address of the client: the peer of the connection or, at a trusted proxy, the one that the proxy forwards. */
export function clientAddress({ socket, headers }: IncomingMessage, proxies: TrustedProxies): string {
  let address = withoutIPv4Prefix(socket.remoteAddress ?? '')
  if (!proxies.includes(address)) return address
  // Each proxy appends its peer, so entries left of the last untrusted one may be forged by the client.
  const forwarded = String(headers['x-forwarded-for'] ?? '')
    .split(',')
    .map(each => withoutIPv4Prefix(each.trim()))
    .filter(each => each !== '')
  for (const each of forwarded.reverse()) {
    address = each
    if (!proxies.includes(each)) break
  }
  return address
}

/** Tells whether a trusted proxy received the request over TLS. */
export const isHttpsAtProxy = ({ socket, headers }: IncomingMessage, proxies: TrustedProxies): boolean =>
  proxies.includes(withoutIPv4Prefix(socket.remoteAddress ?? '')) && headers['x-forwarded-proto'] === 'https'

/** Returns the IPv4 address of an IPv4-mapped IPv6 address, and any other address unchanged. */
export const withoutIPv4Prefix = (address: string): string => address.replace(/^::ffff:/i, '')

/** Returns the /64 network of an IPv6 address: one client owns too many addresses to count each. IPv4 stays as it is. */
export function networkOf(address: string): string {
  if (!address.includes(':')) return address
  const [head = '', tail] = address.toLowerCase().split('::')
  const first = head === '' ? [] : head.split(':')
  const rest = tail ? tail.split(':') : []
  const all =
    tail === undefined ? first : [...first, ...Array(Math.max(0, 8 - first.length - rest.length)).fill('0'), ...rest]
  return `${all.slice(0, 4).join(':')}::/64`
}
