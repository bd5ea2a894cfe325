/** Where a room is served: one address after the other, one of them in use. Requests and stream move together. */
export class Servers {
  readonly #urls: readonly string[]
  #at = 0

  constructor(urls: readonly string[]) {
    for (const url of urls) {
      const { protocol } = new URL(url)
      if (protocol !== 'http:' && protocol !== 'https:') throw new TypeError(`${url} is not the url of an HTTP server.`)
    }
    if (urls.length === 0) throw new TypeError('sseTransport needs the url of a midsentence server.')
    this.#urls = urls.map(url => url.replace(/\/+$/, ''))
  }

  /** How many there are. */
  get count(): number {
    return this.#urls.length
  }

  /** The one in use. */
  get url(): string {
    return this.#urls[this.#at]!
  }

  get rpc(): string {
    return `${this.url}/rpc`
  }

  events(room: string, after: number): string {
    return `${this.url}/rooms/${encodeURIComponent(room)}/events?after=${after}`
  }

  /** Turns to the next one; behind the last comes the first. */
  next(): void {
    this.#at = (this.#at + 1) % this.#urls.length
  }
}
