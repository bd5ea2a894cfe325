import type { IncomingMessage } from 'node:http'
import ipaddr from 'ipaddr.js'

/** Addresses of reverse proxies whose `X-Forwarded-For` header is trusted. */
export type TrustedProxies = readonly string[]

/**
 * Returns the address of the client: the peer of the connection or, at a trusted proxy, the one that the proxy forwards. An
 * entry of the header that is no address ends it: the proxy before it counts as the client.
 */
export function clientAddress({ socket, headers }: IncomingMessage, proxies: TrustedProxies): string {
  let address = plainAddress(socket.remoteAddress ?? '')
  if (!proxies.includes(address)) return address
  // Each proxy appends its peer, so entries left of the last untrusted one may be forged by the client.
  const forwarded = String(headers['x-forwarded-for'] ?? '').split(',')
  for (const entry of forwarded.reverse()) {
    if (entry.trim() === '') continue
    const found = parseAddress(entry)
    if (found === undefined) return address
    address = found
    if (!proxies.includes(address)) return address
  }
  return address
}

/** Returns an address in its one form, as `parseAddress`, and any other text unchanged. */
export const plainAddress = (text: string): string => parseAddress(text) ?? text

/** Returns the /64 network of an IPv6 address: one client owns too many addresses to count each. IPv4 stays as it is. */
export function networkOf(address: string): string {
  if (!address.includes(':') || !ipaddr.isValid(address)) return address
  return `${ipaddr.IPv6.networkAddressFromCIDR(`${withoutZone(address)}/64`)}/64`
}

/**
 * Returns the one form of an address: IPv4 in four decimals, also if it is mapped to IPv6, and IPv6 in lower case and
 * compressed, without brackets, zone and the port that some proxies add. Returns undefined for anything else.
 */
function parseAddress(text: string): string | undefined {
  const bare = text.trim()
  const inner = withoutZone(/^\[(.+)\](?::\d+)?$/.exec(bare)?.[1] ?? /^([\d.]+):\d+$/.exec(bare)?.[1] ?? bare)
  if (ipaddr.IPv4.isValidFourPartDecimal(inner)) return inner
  return ipaddr.IPv6.isValid(inner) ? ipaddr.process(inner).toString() : undefined
}

const withoutZone = (address: string): string => address.replace(/%.*$/s, '')
