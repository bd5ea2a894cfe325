import { isIP } from 'node:net'
import ipaddr from 'ipaddr.js'

/** Tells whether `host`, an address or a name, always means this machine. An IPv6 address may be in brackets. */
export function isLoopback(host: string): boolean {
  const bare = withoutBrackets(host)
  if (isIP(bare) === 0) return /^([^.]+\.)*localhost\.?$/i.test(bare)
  return ipaddr.process(bare).range() === 'loopback'
}

/** Removes the brackets that a URL has around an IPv6 address. */
export const withoutBrackets = (host: string): string => /^\[(.*)\]$/.exec(host)?.[1] ?? host

/** Returns `host` as a URL contains it: an IPv6 address in brackets. */
export const inUrl = (host: string): string => (isIP(host) === 6 ? `[${host}]` : host)
