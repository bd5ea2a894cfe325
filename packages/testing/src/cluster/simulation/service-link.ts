import type { ProcessClock, Random, ServiceFaults } from '@midsentence/conformance/simulation'
import { type Clock, MidsentenceError } from '@midsentence/core'

/** How long a message travels at least, and without faults at most, in milliseconds. */
const FAST_MS = 3

/** How long requests to a service and their answers travel until a moment. null: they are lost. */
export interface SlowService {
  readonly until: number
  readonly requestMs: number | null
  readonly answerMs: number | null
}

const lost = Symbol('lost')

export interface ServiceLinkDeps {
  /** The time of the world. */
  readonly clock: Clock
  readonly process: ProcessClock
  readonly random: Random
  readonly faults: ServiceFaults
  /** Whether nothing passes now. */
  isCut(): boolean
  /** Whether there are faults. */
  isFaulty(): boolean
  /** What is slow, if a plan says so. */
  slow(): SlowService | undefined
}

/** What is between a server and a service of its cluster: delays, losses and cuts. */
export class ServiceLink {
  readonly #deps: ServiceLinkDeps

  constructor(deps: ServiceLinkDeps) {
    this.#deps = deps
  }

  /** Returns how long a message travels, or null if it is lost. */
  travel(way: 'requestMs' | 'answerMs' = 'requestMs'): number | null {
    const { clock, random, faults, isFaulty, isCut, slow } = this.#deps
    if (isCut()) return null
    const fast = 1 + random.below(FAST_MS)
    if (!isFaulty()) return fast
    const planned = slow()
    if (planned && clock.monotonic() < planned.until) return planned[way]
    if (random.boolean(faults.lostPercent)) return null
    return random.boolean(faults.slowPercent) ? 1 + random.below(faults.slowMs) : fast
  }

  /**
   * Lets `effect` happen at the service, and resolves with what it returned. Rejects with `unavailable` and `data.unknown` after
   * `ms` milliseconds of the process: it may have happened, or may yet happen.
   */
  async request<T>(effect: () => T | Promise<T>, ms: number): Promise<T> {
    const outcome = await this.#attempt(effect, ms)
    if (outcome !== lost) return outcome
    throw new MidsentenceError('unavailable', 'The service did not answer in time.', { data: { unknown: true } })
  }

  #attempt<T>(effect: () => T | Promise<T>, ms: number): Promise<T | typeof lost> {
    const { clock, process } = this.#deps
    return new Promise((resolve, reject) => {
      if (process.hasEnded) return
      const cancel = process.after(ms, () => resolve(lost))
      const answered = (settle: () => void) => {
        const back = this.travel('answerMs')
        if (back !== null)
          clock.after(back, () =>
            process.whenRunning(() => {
              cancel()
              settle()
            }),
          )
      }
      const there = this.travel()
      if (there === null) return
      clock.after(there, () => {
        Promise.resolve()
          .then(effect)
          .then(
            value => answered(() => resolve(value)),
            error => answered(() => reject(error)),
          )
      })
    })
  }
}
