import type { Cancel, Clock } from '../../ports/clock.ts'
import type { PresenceChange } from '../requests.ts'

/** In a room with more participants than this, changes of presence wait for each other. */
const LARGE_ROOM = 100
/** How long changes of presence of a large room wait, in milliseconds: all readers get them in one frame. */
const GATHER_MS = 100

const PRESENT: PresenceChange = { present: true }
const GONE: PresenceChange = { present: false }
const WRITING: PresenceChange = { present: true, writing: true }

/** Who is here, as the readers of a room were told: changes of one turn, or in a large room of 100 ms, are told together. */
export class PresenceFeed {
  readonly #clock: Clock
  readonly #send: (changes: ReadonlyMap<string, PresenceChange>) => void
  /** The names that readers know to be present. */
  readonly #told = new Set<string>()
  #pending = new Map<string, PresenceChange>()
  #isScheduled = false
  #cancel: Cancel | undefined
  #everybody: ReadonlyMap<string, PresenceChange> | undefined

  /** `send` hands changes to every reader. All readers get the same map. */
  constructor(clock: Clock, send: (changes: ReadonlyMap<string, PresenceChange>) => void) {
    this.#clock = clock
    this.#send = send
  }

  /** Call when a participant comes or goes. One that comes and goes before others are told is not mentioned. */
  change(name: string, present: boolean): void {
    if (this.#told.has(name) === present) this.#pending.delete(name)
    else this.#pending.set(name, present ? PRESENT : GONE)
    if (this.#isScheduled) return
    this.#isScheduled = true
    if (this.#told.size <= LARGE_ROOM) queueMicrotask(() => this.flush())
    else this.#cancel = this.#clock.after(GATHER_MS, () => this.flush())
  }

  /** Tells the readers now. */
  flush(): void {
    this.#isScheduled = false
    this.#cancel?.()
    this.#cancel = undefined
    if (this.#pending.size === 0) return
    const changes = this.#pending
    this.#pending = new Map()
    this.#everybody = undefined
    for (const [name, { present }] of changes) {
      if (present) this.#told.add(name)
      else this.#told.delete(name)
    }
    this.#send(changes)
  }

  /** Makes changes of who writes. They name only participants that readers know. */
  writing(changes: ReadonlyMap<string, boolean>): ReadonlyMap<string, PresenceChange> {
    this.flush()
    this.#everybody = undefined
    return new Map([...changes].map(([name, writing]) => [name, writing ? WRITING : PRESENT]))
  }

  /** Returns everybody that the readers were told of: what a new reader learns. The same map until something changes. */
  everybody(writers: () => Iterable<string>): ReadonlyMap<string, PresenceChange> {
    if (this.#everybody) return this.#everybody
    const everybody = new Map<string, PresenceChange>()
    for (const name of this.#told) everybody.set(name, PRESENT)
    for (const name of writers()) if (everybody.has(name)) everybody.set(name, WRITING)
    this.#everybody = everybody
    return everybody
  }

  close(): void {
    this.#cancel?.()
  }
}
