import { BlockList, isIP } from 'node:net'

const own = new BlockList()
own.addSubnet('127.0.0.0', 8, 'ipv4')
own.addAddress('::1', 'ipv6')

/** Does `host`, an address or a name without brackets, lead back to this machine and nowhere else? */
export function isLoopback(host: string): boolean {
  const kind = isIP(host)
  if (kind === 0) return /^([^.]+\.)*localhost\.?$/i.test(host)
  return own.check(host, kind === 6 ? 'ipv6' : 'ipv4')
}

/** `host` as it stands in an address: one of version 6 in brackets. */
export const inUrl = (host: string): string => (isIP(host) === 6 ? `[${host}]` : host)
