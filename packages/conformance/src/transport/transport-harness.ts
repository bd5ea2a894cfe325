import type { Clock, Durability, ScoreRecord, Transport } from '@midsentence/core'

/** One room for one case, and the means to play in it. New for each case; `close` frees everything. */
export interface TransportHarness {
  /** The room that every peer opens. */
  readonly room: string
  /** Makes a transport to that room, or to `room`, one of the rooms in `offers`. */
  peer(room?: string): Transport
  /**
   * What the other side can do for rules about single fields. A rule that needs an absent member is skipped with a reason.
   * `scenarioRooms` offers everything, for a hub.
   */
  readonly offers?: Partial<TransportOffers>
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

/** Rooms and means of the other side. `room` is the name of a room. */
export interface TransportOffers {
  /** How durable messages are. */
  readonly durability: Durability
  /** A room with the policy `annotate`. */
  readonly annotating: string
  /** A room that admits who brings the credential, and where only a person may send two messages in a row. */
  readonly guarded: { readonly room: string; readonly credential: string }
  /** A room whose observers see drafts, and the draft of a participant as they see it. */
  readonly observable: { readonly room: string; draftOf(username: string): Promise<string> }
  /** A recorded room. `watch` begins to watch its score, and returns what ends that. `onRecords` gets its records. */
  readonly recorded: {
    readonly room: string
    watch(onRecords?: (records: readonly ScoreRecord[]) => void): Promise<() => void>
  }
  /** A room that shows what was said before a join. */
  readonly historic: string
  /** A room from which `below` drops the messages under a seq, as retention does. */
  readonly forgetting: { readonly room: string; below(seq: number): void | Promise<void> }
  /** Ends the session of a participant of the harness's room for good. With `ban` the name may not join again. */
  remove(username: string, ban: boolean): Promise<void>
}

/** Makes a new harness for each case. */
export type TransportSetup = () => TransportHarness | Promise<TransportHarness>
