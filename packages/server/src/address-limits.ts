import type { Server } from 'node:http'
import type { Socket } from 'node:net'
import { BurstyRateLimiter, RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible'
import { isOfHere, neighbourhoodOf, type Proxies } from './address.ts'

/** How much may come from one address of another machine. This machine itself is not limited. */
export interface AddressRate {
  /** Requests a second, for as long as one likes, … */
  readonly per_second: number
  /** … and so many beyond that within ten seconds. */
  readonly burst: number
  /** Connections at a time. */
  readonly connections: number
  /** Joins within a minute that showed the wrong credential. */
  readonly guesses: number
}

export const defaultAddressRate: AddressRate = { per_second: 200, burst: 400, connections: 1000, guesses: 10 }

/** What one address may do: 0, or after how many milliseconds it may. */
export class AddressLimits {
  readonly #rate: AddressRate
  readonly #calls: BurstyRateLimiter
  readonly #guesses: RateLimiterMemory
  readonly #connections = new Map<string, number>()

  constructor(rate: AddressRate) {
    this.#rate = rate
    this.#calls = new BurstyRateLimiter(
      new RateLimiterMemory({ points: rate.per_second, duration: 1 }),
      new RateLimiterMemory({ keyPrefix: 'burst', points: rate.burst, duration: 10 }),
    )
    this.#guesses = new RateLimiterMemory({ keyPrefix: 'guess', points: rate.guesses, duration: 60 })
  }

  /** Takes one request of `address`. */
  async request(address: string): Promise<number> {
    return isOfHere(address) ? 0 : waitOf(this.#calls.consume(neighbourhoodOf(address)))
  }

  /** May `address` still show a credential? */
  async mayGuess(address: string): Promise<number> {
    if (isOfHere(address)) return 0
    const state = await this.#guesses.get(neighbourhoodOf(address))
    return state !== null && state.consumedPoints >= this.#rate.guesses ? state.msBeforeNext : 0
  }

  /** `address` showed a wrong one. */
  async guessed(address: string): Promise<void> {
    if (!isOfHere(address)) await waitOf(this.#guesses.consume(neighbourhoodOf(address)))
  }

  /** Cuts connections off that one address has too many of. Proxies have as many as they like. */
  watch(server: Server, proxies: Proxies, refused: (address: string) => void): void {
    server.on('connection', (socket: Socket) => {
      const address = (socket.remoteAddress ?? '').replace(/^::ffff:/i, '')
      if (isOfHere(address) || proxies.includes(address)) return
      if (this.connected(address)) socket.once('close', () => this.disconnected(address))
      else {
        refused(address)
        socket.destroy()
      }
    })
  }

  /** One more connection of `address`; false where it has enough. */
  connected(address: string): boolean {
    const key = neighbourhoodOf(address)
    const count = this.#connections.get(key) ?? 0
    if (count >= this.#rate.connections) return false
    this.#connections.set(key, count + 1)
    return true
  }

  disconnected(address: string): void {
    const key = neighbourhoodOf(address)
    const count = this.#connections.get(key) ?? 0
    if (count > 1) this.#connections.set(key, count - 1)
    else this.#connections.delete(key)
  }
}

async function waitOf(consuming: Promise<RateLimiterRes>): Promise<number> {
  try {
    await consuming
    return 0
  } catch (refused) {
    if (refused instanceof RateLimiterRes) return Math.max(1, refused.msBeforeNext)
    throw refused
  }
}
