import type { Draft } from '../draft/evolve.ts'
import type { Fact } from '../participant/facts.ts'
import type { Cancel, Clock } from '../ports/clock.ts'
import type { Transport } from '../ports/transport.ts'

/** Time between the first append and the first call, in milliseconds. A draft that is sent at once costs no call. */
const DELAY_MS = 1000
/** Least time between two calls while the draft changes, in milliseconds. */
const REPEAT_MS = 10_000
/** A draft that did not change for this time is not being written, in milliseconds. */
const IDLE_MS = 60_000

/** Tells the room, in one bit, whether the participant writes a draft that its client keeps. */
export class WritingSignal {
  readonly #transport: Transport
  readonly #clock: Clock
  readonly #draft: () => Draft
  #timer: Cancel | undefined
  #changedAt = Number.NEGATIVE_INFINITY
  /** What the room was told last, and when. */
  #told: { readonly writing: boolean; readonly at: number } | undefined

  constructor(transport: Transport, clock: Clock, draft: () => Draft) {
    this.#transport = transport
    this.#clock = clock
    this.#draft = draft
  }

  /** Call at each fact. Most facts do not change the draft. */
  add({ type }: Fact): void {
    const now = this.#clock.monotonic()
    if (type === 'appended') {
      this.#changedAt = now
      if (!this.#told?.writing || now - this.#told.at >= REPEAT_MS) this.#tellSoon()
    } else if (type === 'pushed') this.#stop()
    else if (type === 'undone' || type === 'reset') {
      this.#changedAt = now
      // The draft is not changed before the end of this turn.
      queueMicrotask(() => {
        if (!this.#draft().head) this.#stop()
      })
    }
  }

  /** Tells the room again, after a lost connection. */
  reconnected(): void {
    if (!this.#told) return
    this.#tell(this.#draft().head !== undefined && this.#clock.monotonic() - this.#changedAt < IDLE_MS)
  }

  close(): void {
    this.#timer?.()
    this.#timer = undefined
  }

  #tellSoon(): void {
    this.#timer ??= this.#clock.after(DELAY_MS, () => {
      this.#timer = undefined
      if (this.#draft().head) this.#tell(true)
    })
  }

  #stop(): void {
    this.close()
    if (this.#told?.writing) this.#tell(false)
  }

  #tell(writing: boolean): void {
    this.#told = { writing, at: this.#clock.monotonic() }
    this.#transport.showWriting?.(writing)
  }
}
