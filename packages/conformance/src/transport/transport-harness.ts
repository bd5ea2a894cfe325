import type { Clock, Transport } from '@midsentence/core'

/** One room for one case, and what it takes to play with it. Fresh each time; nothing of it outlives `close`. */
export interface Bench {
  /** The room that every peer opens. */
  readonly room: string
  /** A new transport to that room. */
  peer(): Transport
  /** Breaks a peer's line, and mends it. Absent where the setup cannot: scripts then play without cuts. */
  readonly faults?: {
    cut(peer: Transport): void
    heal(peer: Transport): void
    /** The next thing on its way to that peer comes twice. */
    duplicate?(peer: Transport): void
  }
  /**
   * From now on whatever travels between a peer and the room arrives once what `until` answers has resolved, asked for
   * each piece of it; undefined: as usual again. Needs a virtual clock. Absent: what arrives when is not raced.
   */
  hold?(until: (() => Promise<void>) | undefined): void
  /** Lets everything under way arrive: moves a virtual clock on, or waits on the real one as long as the slowest poll. */
  settle(): Promise<void>
  /** Lets a little time pass, less than it takes for everything to arrive. Absent: no time passes between two steps. */
  pass?(ms: number): Promise<void>
  /** The virtual clock that peers and participants live by. Absent: the real one. */
  readonly clock?: Clock
  /** Ends the room and all that was opened for it. Called once, last. */
  close(): Promise<void>
}

/** Makes a bench, fresh for each case. */
export type Setup = () => Bench | Promise<Bench>
