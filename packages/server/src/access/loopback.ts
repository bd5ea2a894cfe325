import { BlockList, isIP } from 'node:net'

const loopback = new BlockList()
loopback.addSubnet('127.0.0.0', 8, 'ipv4')
loopback.addAddress('::1', 'ipv6')

/** Tells whether `host`, an address or a name without brackets, always means this machine. */
export function isLoopback(host: string): boolean {
  const version = isIP(host)
  if (version === 0) return /^([^.]+\.)*localhost\.?$/i.test(host)
  return loopback.check(host, version === 6 ? 'ipv6' : 'ipv4')
}

/** Returns `host` as a URL contains it: an IPv6 address in brackets. */
export const inUrl = (host: string): string => (isIP(host) === 6 ? `[${host}]` : host)
