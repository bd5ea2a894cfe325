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

  /** The current address, without a trailing slash. */
  get url(): string {
    return this.#urls[this.#current]!
  }

  /** Switches to the next address, after the last one to the first. */
  next(): void {
    this.#current = (this.#current + 1) % this.#urls.length
  }
}
