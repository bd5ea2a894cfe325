import type { ServerBus } from '@midsentence/cluster-nats'
import type { ProcessClock } from '@midsentence/conformance/simulation'
import type { Clock } from '@midsentence/core'
import type { ServiceLink } from './service-link.ts'

interface BusListener {
  readonly process: ProcessClock
  readonly link: ServiceLink
  receive(bytes: Uint8Array): void
}

/** Who listens on the bus of a cluster. */
export class SharedBus {
  readonly clock: Clock
  readonly listeners = new Map<string, BusListener>()

  constructor(clock: Clock) {
    this.clock = clock
  }
}

/** The bus as one server reaches it. Messages of one server to another arrive in order. */
export class SimulatedBus implements ServerBus {
  readonly #shared: SharedBus
  readonly #process: ProcessClock
  readonly #link: ServiceLink
  /** When the newest message to each server arrives. */
  readonly #due = new Map<string, number>()

  constructor(shared: SharedBus, process: ProcessClock, link: ServiceLink) {
    this.#shared = shared
    this.#process = process
    this.#link = link
  }

  async listen(id: string, receive: (bytes: Uint8Array) => void): Promise<() => Promise<void>> {
    const { listeners } = this.#shared
    listeners.set(id, { process: this.#process, link: this.#link, receive })
    return async () => void listeners.delete(id)
  }

  send(to: string, bytes: Uint8Array): void {
    const { clock, listeners } = this.#shared
    const travel = this.#link.travel()
    if (travel === null) return
    const due = Math.max(clock.monotonic() + travel, this.#due.get(to) ?? 0)
    this.#due.set(to, due)
    clock.after(due - clock.monotonic(), () => {
      const listener = listeners.get(to)
      // Its own link may be cut, or lose it.
      if (listener && listener.link.travel() !== null) listener.process.whenRunning(() => listener.receive(bytes))
    })
  }
}
