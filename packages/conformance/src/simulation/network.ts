import type { Clock } from '@midsentence/core'
import type { NetworkFault } from './plan.ts'
import type { SimulatedServer } from './server.ts'
import type { SimulationTrace } from './trace.ts'

/** No response arrived in time. */
export class LostResponse extends Error {}

/** A call without faults. */
export const NO_FAULT: NetworkFault = { requestMs: 1, responseMs: 1 }

/** The timeout of a call, besides the time that the call itself may wait. */
const CALL_TIMEOUT_MS = 8_000

/** The simulated network between clients and server. */
export class Network {
  readonly #clock: Clock
  readonly #server: SimulatedServer
  readonly #trace: SimulationTrace
  /** When set, no fault happens any more. */
  reliable = false

  constructor(clock: Clock, server: SimulatedServer, trace: SimulationTrace) {
    this.#clock = clock
    this.#server = server
    this.#trace = trace
  }

  /** Sends a JSON-RPC text and resolves with the answer. Rejects with `LostResponse` if none arrives in time. */
  call(who: string, text: string, token: string, fault: NetworkFault, waitMs = 0): Promise<string> {
    const { requestMs, responseMs, duplicateMs, abortMs } = this.reliable ? NO_FAULT : fault
    const abort = abortMs === undefined ? undefined : new AbortController()
    return new Promise((resolve, reject) => {
      const arrive = () => {
        const { process } = this.#server
        if (!process) return this.#trace.line(who, 'finds no server')
        const caller = abort ? { token, signal: abort.signal } : { token }
        void process.rpc.dispatch(text, caller).then(answer => {
          if (process !== this.#server.process || answer === undefined) return
          if (responseMs === null) return this.#trace.line(who, `loses the answer ${answer}`)
          this.#clock.after(responseMs, () => resolve(answer))
        })
      }
      if (requestMs === null) this.#trace.line(who, 'loses the call')
      else {
        this.#clock.after(requestMs, arrive)
        if (duplicateMs !== undefined) this.#clock.after(requestMs + duplicateMs, arrive)
      }
      const giveUp = () => {
        abort?.abort()
        reject(new LostResponse())
      }
      this.#clock.after(abortMs ?? CALL_TIMEOUT_MS + waitMs, giveUp)
    })
  }
}
