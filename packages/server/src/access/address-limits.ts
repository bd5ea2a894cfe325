import type { Server } from 'node:http'
import type { Socket } from 'node:net'
import { BurstyRateLimiter, RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible'
import { networkOf, type TrustedProxies, withoutIPv4Prefix } from './client-address.ts'
import { isLoopback } from './loopback.ts'

/** Limits of one remote address. Loopback addresses are not limited. */
export interface AddressRate {
  /** Requests per second. */
  readonly per_second: number
  /** Requests above that rate within ten seconds. */
  readonly burst: number
  /** Open connections. */
  readonly connections: number
  /** Joins with a wrong credential per minute. */
  readonly guesses: number
}

export const defaultAddressRate: AddressRate = { per_second: 200, burst: 400, connections: 1000, guesses: 10 }

/** Counts requests, connections and wrong credentials per address. IPv6 addresses count by their /64 network. */
export class AddressLimits {
  readonly #rate: AddressRate
  readonly #requests: BurstyRateLimiter
  readonly #guesses: RateLimiterMemory
  readonly #connections = new Map<string, number>()

  constructor(rate: AddressRate) {
    this.#rate = rate
    this.#requests = new BurstyRateLimiter(
      new RateLimiterMemory({ points: rate.per_second, duration: 1 }),
      new RateLimiterMemory({ keyPrefix: 'burst', points: rate.burst, duration: 10 }),
    )
    this.#guesses = new RateLimiterMemory({ keyPrefix: 'guess', points: rate.guesses, duration: 60 })
  }

  /** Counts one request of `address`. Resolves with 0, or with the milliseconds until the next one is allowed. */
  async takeRequest(address: string): Promise<number> {
    return isLoopback(address) ? 0 : millisecondsToWait(this.#requests.consume(networkOf(address)))
  }

  /** Resolves with 0, or with the milliseconds until `address` may show a credential again. */
  async credentialWait(address: string): Promise<number> {
    if (isLoopback(address)) return 0
    const state = await this.#guesses.get(networkOf(address))
    return state !== null && state.consumedPoints >= this.#rate.guesses ? state.msBeforeNext : 0
  }

  /** Counts one wrong credential of `address`. */
  async countWrongCredential(address: string): Promise<void> {
    if (!isLoopback(address)) await millisecondsToWait(this.#guesses.consume(networkOf(address)))
  }

  /** Destroys connections above the limit of their address and calls `refused`. Trusted proxies are exempt. */
  limitConnections(server: Server, proxies: TrustedProxies, refused: (address: string) => void): void {
    server.on('connection', (socket: Socket) => {
      const address = withoutIPv4Prefix(socket.remoteAddress ?? '')
      if (isLoopback(address) || proxies.includes(address)) return
      if (this.addConnection(address)) socket.once('close', () => this.removeConnection(address))
      else {
        refused(address)
        socket.destroy()
      }
    })
  }

  /** Counts one more connection of `address`. Returns false if that exceeds the limit; then it is not counted. */
  addConnection(address: string): boolean {
    const key = networkOf(address)
    const count = this.#connections.get(key) ?? 0
    if (count >= this.#rate.connections) return false
    this.#connections.set(key, count + 1)
    return true
  }

  removeConnection(address: string): void {
    const key = networkOf(address)
    const count = this.#connections.get(key) ?? 0
    if (count > 1) this.#connections.set(key, count - 1)
    else this.#connections.delete(key)
  }
}

async function millisecondsToWait(consuming: Promise<RateLimiterRes>): Promise<number> {
  try {
    await consuming
    return 0
  } catch (refused) {
    if (refused instanceof RateLimiterRes) return Math.max(1, refused.msBeforeNext)
    throw refused
  }
}
