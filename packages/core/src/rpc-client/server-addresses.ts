/** Where a room is served: one address after the other, one of them in use. Calls and stream move together. */
export class ServerAddresses {
  readonly #urls: readonly string[]
  #at = 0

  /** At least one. */
  constructor(urls: readonly string[]) {
    this.#urls = urls.map(url => url.replace(/\/+$/, ''))
  }

  /** How many there are. */
  get count(): number {
    return this.#urls.length
  }

  /** The one in use, without a slash at its end. */
  get url(): string {
    return this.#urls[this.#at]!
  }

  /** Turns to the next one; behind the last comes the first. */
  next(): void {
    this.#at = (this.#at + 1) % this.#urls.length
  }
}
