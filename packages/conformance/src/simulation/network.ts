import type { Clock } from '@midsentence/core'
import type { Device } from './device.ts'
import type { NetworkFault } from './plan.ts'
import type { ServerProcess, SimulationServer } from './server.ts'
import type { SimulationTrace } from './trace.ts'

/** No response arrived in time. */
export class LostResponse extends Error {}

/** A call without faults. */
export const NO_FAULT: NetworkFault = { requestMs: 1, responseMs: 1 }

/** The timeout of a call, besides the time that the call itself may wait. */
const CALL_TIMEOUT_MS = 8_000

/** A JSON-RPC text on its way to the server. */
export interface NetworkCall {
  /** The name of its client, for the trace. */
  readonly client: string
  readonly device: Device
  readonly text: string
  readonly token?: string
  readonly fault: NetworkFault
  /** The index of the server that it reaches. Default: any. */
  readonly server?: number | undefined
  /** How long to wait for the answer, in milliseconds. Default 8 s. */
  readonly timeoutMs?: number
  /** How long the call itself may wait, besides `timeoutMs`. Default 0. */
  readonly waitMs?: number
  /** Called with each answer that is lost. */
  onLost?(answer: string): void
}

/** The simulated network between clients and server. */
export class Network {
  readonly #clock: Clock
  readonly #server: SimulationServer
  readonly #trace: SimulationTrace
  readonly #timeoutMs: number
  /** When set, no fault happens. */
  reliable = true

  constructor(clock: Clock, server: SimulationServer, trace: SimulationTrace, timeoutMs = CALL_TIMEOUT_MS) {
    this.#timeoutMs = timeoutMs
    this.#clock = clock
    this.#server = server
    this.#trace = trace
  }

  /** Sends a text and resolves with the answer. Rejects with `LostResponse` if none arrives in time. */
  call(call: NetworkCall): Promise<string> {
    const { client, device, text, token, server, timeoutMs = this.#timeoutMs, waitMs = 0, onLost } = call
    const { requestMs, responseMs, duplicateMs, abortMs } = this.reliable ? NO_FAULT : call.fault
    const abort = abortMs === undefined ? undefined : new AbortController()
    return new Promise((resolve, reject) => {
      let givenUp = false
      let found: ServerProcess | undefined
      const arrive = () => {
        const process = found ? this.#server.sameAs(found) : this.#server.find(server)
        if (!process) return this.#trace.line(client, 'finds no server')
        found = process
        const caller = { ...(token !== undefined && { token }), ...(abort && { signal: abort.signal }) }
        const answered = (answer: string | undefined) => {
          if (!this.#server.isUp(process) || answer === undefined) return
          const lose = () => {
            this.#trace.line(client, `loses the answer ${answer}`)
            onLost?.(answer)
          }
          if (responseMs === null) return lose()
          this.#clock.after(responseMs, () => device.whenAwake(() => (givenUp ? lose() : resolve(answer))))
        }
        process.clock.whenRunning(() => void process.rpc.dispatch(text, caller).then(answered))
      }
      if (requestMs === null) this.#trace.line(client, 'loses the call')
      else {
        this.#clock.after(requestMs, arrive)
        if (duplicateMs !== undefined) this.#clock.after(requestMs + duplicateMs, arrive)
      }
      const giveUp = () => {
        givenUp = true
        abort?.abort()
        reject(new LostResponse())
      }
      device.after(abortMs ?? timeoutMs + waitMs, giveUp)
    })
  }
}
