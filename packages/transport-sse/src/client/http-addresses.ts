import { ServerAddresses } from '@midsentence/core/rpc-client'

/** ServerAddresses of HTTP servers, and the endpoints of the current one. */
export class HttpAddresses extends ServerAddresses {
  /** Path of JSON-RPC below the address of a server. */
  readonly rpcPath: string

  constructor(urls: readonly string[], rpcPath = '/rpc') {
    for (const url of urls) {
      const { protocol } = new URL(url)
      if (protocol !== 'http:' && protocol !== 'https:') throw new TypeError(`${url} is not the url of an HTTP server.`)
    }
    if (urls.length === 0) throw new TypeError('sseTransport needs the url of a midsentence server.')
    super(urls)
    this.rpcPath = rpcPath
  }

  get rpcUrl(): string {
    return `${this.url}${this.rpcPath}`
  }

  eventsUrl(room: string, after: number): string {
    return `${this.url}/rooms/${encodeURIComponent(room)}/events?after=${after}`
  }
}
