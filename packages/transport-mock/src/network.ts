import type { Cancel, Clock } from '@midsentence/core'

/** What a script can do to the frames between a peer and its room. Counts are of frames, times in milliseconds. */
export type Fault =
  /** The next frame in that direction never arrives; the other side notices by the next heartbeat. */
  | { readonly type: 'drop'; readonly to: Direction }
  /** The next frame in that direction arrives twice. */
  | { readonly type: 'duplicate'; readonly to: Direction }
  /** The next frame in that direction takes so much longer. Later ones keep behind it, as on one connection. */
  | { readonly type: 'delay'; readonly to: Direction; readonly ms: number }
  /** The next frame in that direction is overtaken by the one behind it. */
  | { readonly type: 'reorder'; readonly to: Direction }
  /** The line breaks: frames under way are lost in both directions. */
  | { readonly type: 'cut' }
  | { readonly type: 'heal' }

export type Direction = 'room' | 'peer'

/** A dropped frame is noticed so much later. */
const HEARTBEAT_MS = 1000

type Whim = Exclude<Fault['type'], 'cut' | 'heal'>

/** Lets the next frame arrive when it resolves, whatever the clock says; undefined: as usual. */
export type Gate = () => Promise<void> | undefined

/** One end's way to the other: frames in order, but for what the script does to them. */
export class Wire<Frame> {
  readonly #clock: Clock
  readonly #latency: number
  readonly #arrive: (frame: Frame) => void
  readonly #lost: () => void
  readonly #gate: Gate
  readonly #whims: { readonly type: Whim; readonly ms: number }[] = []
  readonly #flying = new Set<Cancel>()
  #overtaken: Frame[] = []
  readonly #line: Frame[] = []
  /** No frame arrives before this moment: a delayed one holds up those behind it. */
  #clear = 0
  #up = true

  constructor(
    { clock, latency, gate }: { readonly clock: Clock; readonly latency: number; readonly gate: Gate },
    arrive: (frame: Frame) => void,
    lost: () => void,
  ) {
    this.#clock = clock
    this.#latency = latency
    this.#gate = gate
    this.#arrive = arrive
    this.#lost = lost
  }

  script(type: Whim, ms = 0): void {
    this.#whims.push({ type, ms })
  }

  send(frame: Frame): void {
    if (!this.#up) return
    const whim = this.#whims.shift()
    if (whim?.type === 'drop') return this.#fly(HEARTBEAT_MS, this.#lost)
    if (whim?.type === 'reorder') {
      this.#overtaken.push(frame)
      // Nothing may come behind it: then it is merely late.
      return this.#fly(HEARTBEAT_MS, () => this.#letGo())
    }
    this.#carry(frame, whim?.type === 'delay' ? whim.ms : 0)
    if (whim?.type === 'duplicate') this.#carry(frame, 0)
    this.#letGo()
  }

  cut(): void {
    this.#up = false
    this.#overtaken = []
    this.#line.length = 0
    this.#clear = 0
    for (const cancel of this.#flying) cancel()
    this.#flying.clear()
  }

  heal(): void {
    this.#up = true
  }

  #letGo(): void {
    for (const frame of this.#overtaken.splice(0)) this.#carry(frame, 0)
  }

  #carry(frame: Frame, extra: number): void {
    const now = this.#clock.monotonic()
    this.#clear = Math.max(this.#clear, now + this.#latency + extra)
    // Timers due together may fire in any order; whichever does brings the first frame.
    this.#line.push(frame)
    const land = () => this.#arrive(this.#line.shift()!)
    const open = this.#gate()
    if (open) this.#wait(open, land)
    else this.#fly(this.#clear - now, land)
  }

  #wait(open: Promise<void>, land: () => void): void {
    let cut = false
    const cancel = () => {
      cut = true
    }
    this.#flying.add(cancel)
    void open.then(() => {
      this.#flying.delete(cancel)
      if (!cut) land()
    })
  }

  #fly(ms: number, land: () => void): void {
    const cancel = this.#clock.after(ms, () => {
      this.#flying.delete(cancel)
      land()
    })
    this.#flying.add(cancel)
  }
}
