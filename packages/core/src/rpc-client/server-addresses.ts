/** The addresses of the servers of a room, one of them current. Calls and the message stream use the same one. */
export class ServerAddresses {
  readonly #urls: readonly string[]
  #current = 0

  /** `urls` has at least one element. */
  constructor(urls: readonly string[]) {
    this.#urls = urls.map(url => url.replace(/\/+$/, ''))
  }

  /** The number of addresses. */
  get count(): number {
    return this.#urls.length
  }

  /** All addresses as in a sentence: "http://a or http://b". */
  get names(): string {
    return this.#urls.join(' or ')
  }

  /** The current address, without a trailing slash. */
  get url(): string {
    return this.#urls[this.#current]!
  }

  /** Switches to the next address, after the last one to the first. Does nothing if `failed` is no longer the current one. */
  next(failed = this.url): void {
    if (failed === this.url) this.#current = (this.#current + 1) % this.#urls.length
  }
}
