import type { Cancel, Clock } from '@midsentence/core'

interface Waiting {
  readonly author: string
  readonly admit: () => void
}

/** Admits one author at a time: in turns around the authors, or in the order of their requests. */
export class TurnGate {
  readonly #clock: Clock
  readonly #authors: readonly string[]
  readonly #inTurns: boolean
  readonly #lease_ms: number
  readonly #waiting: Waiting[] = []
  #holder: string | undefined
  /** Who had its turn last. */
  #last = -1
  #expiry: Cancel | undefined

  constructor(clock: Clock, authors: readonly string[], inTurns: boolean, lease_ms: number) {
    this.#clock = clock
    this.#authors = authors
    this.#inTurns = inTurns
    this.#lease_ms = lease_ms
  }

  isHolder(author: string): boolean {
    return this.#holder === author
  }

  /** Resolves when it is the turn of `author`, for at most the time of a lease. */
  enter(author: string): Promise<void> {
    return new Promise(admit => {
      this.#waiting.push({ author, admit })
      if (this.#holder === undefined) this.#next()
    })
  }

  /** Ends the turn of `author`. Has no effect if it is not its turn. */
  leave(author: string): void {
    if (this.#holder !== author) return
    this.#expiry?.()
    this.#holder = undefined
    this.#next()
  }

  #next(): void {
    const { author, admit } = this.#takeNext() ?? {}
    if (author === undefined) return
    this.#holder = author
    this.#last = this.#authors.indexOf(author)
    this.#expiry = this.#clock.after(this.#lease_ms, () => this.leave(author))
    admit?.()
  }

  #takeNext(): Waiting | undefined {
    if (!this.#inTurns) return this.#waiting.shift()
    const count = this.#authors.length
    for (let step = 1; step <= count; step++) {
      const author = this.#authors[(this.#last + step) % count]
      const at = this.#waiting.findIndex(waiting => waiting.author === author)
      if (at >= 0) return this.#waiting.splice(at, 1)[0]
    }
    return undefined
  }
}
