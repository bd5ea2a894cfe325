import { createHash } from 'node:crypto'
import type { Clock } from '@midsentence/core'

/** How long the refusal of a token is remembered: callers ask again at once. */
const REMEMBERED_MS = 1000
const MAX_REMEMBERED = 10_000

/** Tokens that were refused a moment ago, with the errors. */
export class RefusedTokens {
  readonly #clock: Clock
  readonly #errors = new Map<string, { readonly error: unknown; readonly until: number }>()

  constructor(clock: Clock) {
    this.#clock = clock
  }

  add(token: string, error: unknown): void {
    const key = digest(token)
    this.#errors.delete(key)
    this.#errors.set(key, { error, until: this.#clock.monotonic() + REMEMBERED_MS })
    const [oldest] = this.#errors.keys()
    if (this.#errors.size > MAX_REMEMBERED) this.#errors.delete(oldest!)
  }

  errorOf(token: string): unknown {
    if (this.#errors.size === 0) return undefined
    const key = digest(token)
    const found = this.#errors.get(key)
    if (found && found.until > this.#clock.monotonic()) return found.error
    this.#errors.delete(key)
    return undefined
  }
}

/** Made-up tokens may be long. */
const digest = (token: string): string => createHash('sha256').update(token).digest('base64')
