import type { Cancel, Clock } from '@midsentence/core'

/** A fault of the connection between a peer and its room. Times are in milliseconds. */
export type LinkFault =
  /** Drops the next frame in that direction. The next heartbeat notices the gap and breaks the connection. */
  | { readonly type: 'drop'; readonly to: Direction }
  /** Delivers the next frame in that direction twice. */
  | { readonly type: 'duplicate'; readonly to: Direction }
  /** Delays the next frame in that direction by `ms`. Later frames wait for it, as on one TCP connection. */
  | { readonly type: 'delay'; readonly to: Direction; readonly ms: number }
  /** Delivers the next frame in that direction after the one that follows it. */
  | { readonly type: 'reorder'; readonly to: Direction }
  /** Breaks the connection. Frames in flight are lost in both directions. */
  | { readonly type: 'cut' }
  /** Lets the peer connect again. */
  | { readonly type: 'restore' }

/** The end that a frame travels to. */
export type Direction = 'room' | 'peer'

/** Milliseconds until a heartbeat reveals a dropped frame. */
const HEARTBEAT_MS = 1000

type FrameFault = Exclude<LinkFault['type'], 'cut' | 'restore'>

/** Returns a promise that delays the next frame until it resolves, or undefined to deliver by the clock. */
export type Gate = () => Promise<void> | undefined

/** One direction of a connection. Delivers frames in order, except for injected faults. */
export class SimulatedLink<Frame> {
  readonly #clock: Clock
  readonly #latency: number
  readonly #onFrame: (frame: Frame) => void
  readonly #onDropped: () => void
  readonly #gate: Gate
  readonly #faults: { readonly type: FrameFault; readonly ms: number }[] = []
  readonly #inFlight = new Set<Cancel>()
  #reordered: Frame[] = []
  readonly #queue: Frame[] = []
  /** Time before which no frame arrives: a delayed frame holds up later ones. */
  #earliest = 0
  #isUp = true

  constructor(
    { clock, latency, gate }: { readonly clock: Clock; readonly latency: number; readonly gate: Gate },
    onFrame: (frame: Frame) => void,
    onDropped: () => void,
  ) {
    this.#clock = clock
    this.#latency = latency
    this.#gate = gate
    this.#onFrame = onFrame
    this.#onDropped = onDropped
  }

  /** Applies a fault to the next frame that has none. `ms` is the extra delay of a `delay`. */
  addFault(type: FrameFault, ms = 0): void {
    this.#faults.push({ type, ms })
  }

  send(frame: Frame): void {
    if (!this.#isUp) return
    const fault = this.#faults.shift()
    if (fault?.type === 'drop') return this.#schedule(HEARTBEAT_MS, this.#onDropped)
    if (fault?.type === 'reorder') {
      this.#reordered.push(frame)
      // If no frame follows, deliver it late.
      return this.#schedule(HEARTBEAT_MS, () => this.#releaseReordered())
    }
    this.#deliver(frame, fault?.type === 'delay' ? fault.ms : 0)
    if (fault?.type === 'duplicate') this.#deliver(frame, 0)
    this.#releaseReordered()
  }

  /** Drops all frames in flight and every frame sent before `restore`. */
  cut(): void {
    this.#isUp = false
    this.#reordered = []
    this.#queue.length = 0
    this.#earliest = 0
    for (const cancel of this.#inFlight) cancel()
    this.#inFlight.clear()
  }

  restore(): void {
    this.#isUp = true
  }

  #releaseReordered(): void {
    for (const frame of this.#reordered.splice(0)) this.#deliver(frame, 0)
  }

  #deliver(frame: Frame, extra: number): void {
    const now = this.#clock.monotonic()
    this.#earliest = Math.max(this.#earliest, now + this.#latency + extra)
    // Timers due at the same time may fire in any order, so each one delivers the first frame of the queue.
    this.#queue.push(frame)
    const arrive = () => this.#onFrame(this.#queue.shift()!)
    const opened = this.#gate()
    if (opened) this.#waitFor(opened, arrive)
    else this.#schedule(this.#earliest - now, arrive)
  }

  #waitFor(opened: Promise<void>, arrive: () => void): void {
    let isCut = false
    const cancel = () => {
      isCut = true
    }
    this.#inFlight.add(cancel)
    void opened.then(() => {
      this.#inFlight.delete(cancel)
      if (!isCut) arrive()
    })
  }

  #schedule(ms: number, run: () => void): void {
    const cancel = this.#clock.after(ms, () => {
      this.#inFlight.delete(cancel)
      run()
    })
    this.#inFlight.add(cancel)
  }
}
