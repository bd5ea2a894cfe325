import type { RoomSettings } from '@midsentence/core'

/** What becomes of one message of a caller and of its answer, in milliseconds of travel; null where it is lost. */
export interface Fate {
  readonly out: number | null
  readonly back: number | null
  /** It arrives a second time, so much later. */
  readonly again?: number
  /** Its caller goes away after so long: the server is told, and nobody hears the answer. */
  readonly gone?: number
}

/**
 * How somebody takes part. `keyed`: the draft is hosted, each call has a key and is repeated until it is answered.
 * `careless`: hosted, without keys; what is lost is lost. `own`: the participant of core, which keeps its draft, over a
 * line that is cut and comes back. `free`: speaks out of turn, as an old client does.
 */
export type Manner = 'keyed' | 'careless' | 'own' | 'free'

export interface Person {
  readonly name: string
  readonly manner: Manner
  /** Reads its stream no further for so long now and then. Of `keyed` and `careless`: it has a stream beside its calls. */
  readonly slow?: number
}

export type Doing =
  | 'append'
  | 'undo'
  | 'reset'
  | 'preview'
  | 'push'
  | 'publish'
  | 'check'
  /** Pushes again and again, until it is sent. */
  | 'insist'
  /** Pushes until it has the floor, and then sends nothing. */
  | 'sit'
  | 'yield'
  | 'leave'
  | 'batch'
  | 'notify'

/** One thing that somebody does. */
export interface Deed {
  /** What it is called by: its texts hold it, so that each is there once. */
  readonly n: number
  /** When, in milliseconds from the beginning; later where it still waits for an answer before. */
  readonly at: number
  readonly who: number
  readonly does: Doing
  /** Says `after`, below what it has, to be given again what came since. */
  readonly again?: number
  readonly timeout_ms?: number
  /** What becomes of the first attempts; those behind them arrive. */
  readonly fates: readonly Fate[]
}

/** What befalls the server, or somebody's line. */
export type Disaster =
  /** The server dies. Of what was written and not yet flushed so much of both logs is left. It comes back after `down`. */
  | {
      readonly type: 'crash'
      readonly at: number
      readonly down: number
      readonly room: number
      readonly sessions: number
    }
  /** The server ends in good order, and comes back. */
  | { readonly type: 'restart'; readonly at: number; readonly down: number }
  /** Somebody's stream is cut; or is dead without a word where it is `silent`. */
  | { readonly type: 'cut'; readonly at: number; readonly who: number; readonly ms: number; readonly silent?: true }
  /** Somebody's process is killed and comes back with its journal. */
  | { readonly type: 'killed'; readonly at: number; readonly who: number; readonly down: number }
  /** The server's wall clock jumps. */
  | { readonly type: 'clock'; readonly at: number; readonly by: number }

/** Everything that happens in one history, as JSON: played twice it goes the same way twice. */
export interface Plan {
  readonly seed: number
  readonly settings: Partial<RoomSettings>
  /** How long a flush takes. */
  readonly flush_ms: number
  /** So many texts stay in the hub's memory. */
  readonly tail: number
  /** How often what was written is summed up. */
  readonly sums: { readonly records: number; readonly facts: number }
  readonly people: readonly Person[]
  readonly deeds: readonly Deed[]
  readonly disasters: readonly Disaster[]
}
