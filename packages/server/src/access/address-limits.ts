import type { EventEmitter } from 'node:events'
import type { IncomingMessage, Server } from 'node:http'
import type { Socket } from 'node:net'
import { MidsentenceError } from '@midsentence/core'
import type { CallBudget } from '@midsentence/core/wire'
import { BurstyRateLimiter, RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible'
import { clientAddress, networkOf, plainAddress, type TrustedProxies } from './client-address.ts'
import { CountedKeys } from './counted-keys.ts'
import { isLoopback } from './loopback.ts'

/** Limits of one remote address. Loopback addresses are not limited. */
export interface AddressRate {
  /** Points per second. A call, a frame or any other request costs a point or more: see `callCosts`. */
  readonly per_second: number
  /** Points above that rate within ten seconds. */
  readonly burst: number
  /** Open connections; at a trusted proxy, requests and WebSockets at once. */
  readonly connections: number
  /** Joins with a wrong credential per minute. */
  readonly guesses: number
  /** Points per second of calls without a session, of all remote addresses together. */
  readonly anonymous: number
}

export const defaultAddressRate: AddressRate = {
  per_second: 200,
  burst: 400,
  connections: 1000,
  guesses: 10,
  anonymous: 2000,
}

/** The longest time for which an address pays off what its calls cost more than was known before, in seconds. */
const MAX_DEBT_S = 10

/** Addresses that are counted apart within ten seconds, and those with wrong credentials within a minute. More count together. */
const MAX_NETWORKS = 50_000
const NETWORKS_MS = 10_000
const GUESSERS_MS = 60_000

/** Refusals of one address in a second that are answered at once. Later ones are held back for about this time. */
const QUICK_REFUSALS = 20
const HOLD_MS = 5000
const REFUSALS_MS = 1000

/** Joins of one address that wait for the check of a credential before theirs. */
const MAX_WAITING_JOINS = 50

/** Counts the cost of requests, connections and wrong credentials per address. IPv6 addresses count by their /64 network. */
export class AddressLimits {
  readonly #rate: AddressRate
  readonly #second: RateLimiterMemory
  readonly #points: BurstyRateLimiter
  readonly #guesses: RateLimiterMemory
  readonly #anonymous: RateLimiterMemory
  readonly #connections = new Map<string, number>()
  readonly #counted = new WeakSet<Socket>()
  readonly #joins = new Map<string, { waiting: number; last: Promise<unknown> }>()
  readonly #networks: CountedKeys
  readonly #guessers: CountedKeys
  /** Refusals of this second, by network. */
  readonly #refusals: CountedKeys

  /** `maxNetworks`: addresses that are counted apart. */
  constructor(rate: AddressRate, maxNetworks = MAX_NETWORKS) {
    this.#rate = rate
    this.#networks = new CountedKeys(maxNetworks, NETWORKS_MS)
    this.#guessers = new CountedKeys(maxNetworks, GUESSERS_MS)
    this.#refusals = new CountedKeys(maxNetworks, REFUSALS_MS)
    this.#second = new RateLimiterMemory({ points: rate.per_second, duration: 1 })
    this.#points = new BurstyRateLimiter(
      this.#second,
      new RateLimiterMemory({ keyPrefix: 'burst', points: rate.burst, duration: 10 }),
    )
    this.#guesses = new RateLimiterMemory({ keyPrefix: 'guess', points: rate.guesses, duration: 60 })
    this.#anonymous = new RateLimiterMemory({ keyPrefix: 'anonymous', points: rate.anonymous, duration: 1 })
  }

  /** Returns the budget of `address` for the calls of one connection or request; undefined for loopback. */
  budgetOf(address: string): CallBudget | undefined {
    if (isLoopback(address)) return undefined
    return {
      take: (points, anonymous) => this.take(address, points, anonymous),
      charge: points => this.charge(address, points),
    }
  }

  /** Takes `points` of `address`, 1 for a request. Resolves with 0, or with the milliseconds until they are there. */
  async take(address: string, points = 1, anonymous = false): Promise<number> {
    if (points <= 0 || isLoopback(address)) return 0
    // What costs more than there can ever be runs with all there is, and the rest is owed.
    const most = Math.max(this.#rate.per_second, this.#rate.burst)
    const wait = await millisecondsToWait(
      this.#points.consume(this.#networks.keyOf(networkOf(address)), Math.min(points, most)),
    )
    if (wait > 0) return wait
    if (points > most) this.charge(address, points - most)
    return anonymous ? millisecondsToWait(this.#anonymous.consume('', Math.min(points, this.#rate.anonymous))) : 0
  }

  /** Takes `points` that were not known before. Those above the rate make its second longer, to ten at most. */
  charge(address: string, points: number): void {
    if (points <= 0 || isLoopback(address)) return
    const key = this.#networks.keyOf(networkOf(address))
    const { per_second } = this.#rate
    void this.#second.penalty(key, points).then(({ consumedPoints, msBeforeNext }) => {
      if (consumedPoints <= per_second) return undefined
      const seconds = msBeforeNext / 1000 + (consumedPoints - per_second) / per_second
      return this.#second.set(key, per_second, Math.min(MAX_DEBT_S, seconds))
    })
  }

  /** Counts a refusal of `address`. Returns for how many milliseconds its answer is held back: 0 for the first of a second. */
  refuse(address: string): number {
    if (isLoopback(address)) return 0
    return this.#refusals.count(networkOf(address)) > QUICK_REFUSALS ? holdMs() : 0
  }

  /**
   * Runs `ask`, which checks a credential, after the earlier ones of `address`. It counts as a wrong guess before it runs,
   * and no more if it resolves with true. Rejects with `rate-limited` after too many wrong ones, and if too many wait.
   */
  async guess(address: string, ask: () => Promise<boolean>): Promise<void> {
    const key = networkOf(address)
    const joins = this.#joins.get(key) ?? { waiting: 0, last: Promise.resolve() }
    if (joins.waiting >= MAX_WAITING_JOINS) throw tooManyJoins()
    this.#joins.set(key, joins)
    joins.waiting++
    const turn = joins.last.then(async () => {
      const guesser = this.#guessers.keyOf(key)
      const wait = await millisecondsToWait(this.#guesses.consume(guesser))
      if (wait > 0) throw tooManyGuesses(wait)
      let isWrong = false
      try {
        isWrong = !(await ask())
      } finally {
        if (!isWrong) await this.#forgive(guesser)
      }
    })
    joins.last = turn
      .catch(() => {})
      .then(() => {
        if (--joins.waiting === 0) this.#joins.delete(key)
      })
    return turn
  }

  /** Takes back a guess. An address without a wrong one takes no key. */
  async #forgive(guesser: string): Promise<void> {
    const { consumedPoints } = await this.#guesses.reward(guesser)
    if (consumedPoints > 0) return
    await this.#guesses.delete(guesser)
    this.#guessers.delete(guesser)
  }

  /** Destroys connections above the limit of their address and calls `refused`. Trusted proxies are exempt. */
  limitConnections(server: Server, proxies: TrustedProxies, refused: (address: string) => void): void {
    server.on('connection', (socket: Socket) => {
      const address = plainAddress(socket.remoteAddress ?? '')
      // The server emits a connection again after an upgrade that it does not offer.
      if (this.#counted.has(socket)) return
      this.#counted.add(socket)
      if (isLoopback(address) || proxies.includes(address)) return
      if (this.addConnection(address)) socket.once('close', () => this.removeConnection(address))
      else {
        refused(address)
        socket.destroy()
      }
    })
  }

  /** Counts a request that a trusted proxy forwards as a connection until its end. Returns false above the limit. */
  addProxied(req: IncomingMessage, end: Pick<EventEmitter, 'once'>, proxies: TrustedProxies): boolean {
    if (!proxies.includes(plainAddress(req.socket.remoteAddress ?? ''))) return true
    const address = clientAddress(req, proxies)
    if (!this.addConnection(address)) return false
    end.once('close', () => this.removeConnection(address))
    return true
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

/** Not the same for all: connections that are closed together come again together. */
const holdMs = () => HOLD_MS * (0.5 + Math.random())

const tooManyJoins = () =>
  new MidsentenceError('rate-limited', 'Too many joins from your address wait for their turn: try again in a second.', {
    data: { retry_after_ms: 1000 },
  })

const tooManyGuesses = (retry_after_ms: number) =>
  new MidsentenceError(
    'rate-limited',
    `Too many wrong credentials from your address: wait ${Math.ceil(retry_after_ms / 1000)} seconds.`,
    { data: { retry_after_ms } },
  )

async function millisecondsToWait(consuming: Promise<RateLimiterRes>): Promise<number> {
  try {
    await consuming
    return 0
  } catch (refused) {
    if (refused instanceof RateLimiterRes) return Math.max(1, refused.msBeforeNext)
    throw refused
  }
}
