import { ServerAddresses } from '@midsentence/core/rpc-client'

/** ServerAddresses of HTTP servers, and the endpoints of the current one. */
export class HttpAddresses extends ServerAddresses {
  constructor(urls: readonly string[]) {
    for (const url of urls) {
      const { protocol } = new URL(url)
      if (protocol !== 'http:' && protocol !== 'https:') throw new TypeError(`${url} is not the url of an HTTP server.`)
    }
    if (urls.length === 0) throw new TypeError('sseTransport needs the url of a midsentence server.')
    super(urls)
  }

  get rpcUrl(): string {
    return `${this.url}/rpc`
  }

  eventsUrl(room: string, after: number): string {
    return `${this.url}/rooms/${encodeURIComponent(room)}/events?after=${after}`
  }
}
