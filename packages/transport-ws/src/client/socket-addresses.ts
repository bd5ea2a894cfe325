import { ServerAddresses } from '@midsentence/core/rpc-client'

/** Builds the addresses of WebSocket servers. Removes a `/ws` at the end of a URL. */
export function socketAddresses(urls: readonly string[]): ServerAddresses {
  if (urls.length === 0) throw new TypeError('wsTransport needs the url of a midsentence server.')
  return new ServerAddresses(urls.map(socketAddress))
}

function socketAddress(url: string): string {
  const { protocol, host, pathname } = new URL(url)
  if (protocol !== 'ws:' && protocol !== 'wss:') {
    throw new TypeError(`${url} is not the url of a WebSocket: it begins with ws:// or wss://.`)
  }
  return `${protocol}//${host}${pathname.replace(/\/+$/, '').replace(/\/ws$/, '')}`
}
