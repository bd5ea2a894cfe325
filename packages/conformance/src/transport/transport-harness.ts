import type { Clock, Transport } from '@midsentence/core'

/** One room for one case, and the means to play in it. New for each case; `close` frees everything. */
export interface TransportHarness {
  /** The room that every peer opens. */
  readonly room: string
  /** Makes a transport to that room. */
  peer(): Transport
  /** Cuts a peer's connection and restores it. Absent: conversations are played without cuts. */
  readonly faults?: {
    cut(peer: Transport): void
    heal(peer: Transport): void
    /** Delivers the next frame to that peer twice. */
    duplicate?(peer: Transport): void
  }
  /**
   * Delays what travels between peers and the room: each frame arrives when the promise of a new call of `until`
   * resolves. Undefined ends the delay. Needs a virtual clock. Absent: the order of frames is not varied.
   */
  delay?(until: (() => Promise<void>) | undefined): void
  /** Lets everything arrive that is on its way: advances a virtual clock, or waits as long as the slowest poll. */
  settle(): Promise<void>
  /** Lets a little time pass, less than `settle`. Absent: no time passes between two steps. */
  pass?(ms: number): Promise<void>
  /** The virtual clock of peers and participants. Absent: the real one. */
  readonly clock?: Clock
  /** Ends the room and everything opened for it. Called once, last. */
  close(): Promise<void>
}

/** Makes a new harness for each case. */
export type TransportSetup = () => TransportHarness | Promise<TransportHarness>
