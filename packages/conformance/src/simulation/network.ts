import type { Clock } from '@midsentence/core'
import type { Fate } from './plan.ts'
import type { Server } from './server.ts'
import type { Trace } from './trace.ts'

/** Nothing came back, and nobody knows why. */
export class NoAnswer extends Error {}

/** The fate of what nothing befalls. */
export const FAIR: Fate = { out: 1, back: 1 }

/** A caller waits so long for the answer to a call that does not wait itself. */
const PATIENCE_MS = 8_000

/** What lies between callers and their server. */
export class Network {
  readonly #clock: Clock
  readonly #server: Server
  readonly #trace: Trace
  /** Nothing is lost any more. */
  fair = false

  constructor(clock: Clock, server: Server, trace: Trace) {
    this.#clock = clock
    this.#server = server
    this.#trace = trace
  }

  /** Sends a JSON-RPC text, and gives what is answered; rejects with `NoAnswer` where nothing comes in time. */
  call(who: string, text: string, token: string, fate: Fate, waits = 0): Promise<string> {
    const { out, back, again, gone } = this.fair ? FAIR : fate
    const abort = gone === undefined ? undefined : new AbortController()
    return new Promise((resolve, reject) => {
      const arrive = () => {
        const { life } = this.#server
        if (!life) return this.#trace.line(who, 'found no server')
        const caller = abort ? { token, signal: abort.signal } : { token }
        void life.rpc.dispatch(text, caller).then(answer => {
          if (life !== this.#server.life || answer === undefined) return
          if (back === null) return this.#trace.line(who, `was answered, and the answer was lost: ${answer}`)
          this.#clock.after(back, () => resolve(answer))
        })
      }
      if (out === null) this.#trace.line(who, 'called, and the call was lost')
      else {
        this.#clock.after(out, arrive)
        if (again !== undefined) this.#clock.after(out + again, arrive)
      }
      const giveUp = () => {
        abort?.abort()
        reject(new NoAnswer())
      }
      this.#clock.after(gone ?? PATIENCE_MS + waits, giveUp)
    })
  }
}
