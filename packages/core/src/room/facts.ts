import type { Seq } from './message.ts'

/** A push that waits for somebody's floor to end. */
export interface WaitingPublish {
  readonly push: string
  readonly session: string
  readonly name: string
  readonly base: Seq
  /** When it has waited enough, on the monotonic clock. */
  readonly deadline: number
  /** Nobody is told what became of it, so that it counts for nothing. */
  readonly uncounted?: boolean
}

/** What happened in a room, in order. `push` is the caller's own id of a publish: each gets exactly one verdict. */
export type RoomFact =
  /** Verdict: the message goes to `seq`, judged by `base`. */
  | { readonly type: 'sent'; readonly push: string; readonly session: string; readonly base: Seq; readonly seq: Seq }
  /** Verdict: `newest` had not been seen. */
  | {
      readonly type: 'held'
      readonly push: string
      readonly session: string
      readonly newest: Seq
      readonly more: boolean
    }
  | { readonly type: 'parked'; readonly waiting: WaitingPublish }
  /** Verdict: somebody else's floor lasted longer than the push would wait. */
  | { readonly type: 'timed-out'; readonly push: string; readonly session: string; readonly uncounted?: boolean }
  | { readonly type: 'floor.earned'; readonly session: string; readonly name: string }
  | {
      readonly type: 'floor.granted'
      readonly session: string
      readonly name: string
      readonly at: number
      readonly until: number
    }
  | { readonly type: 'floor.told'; readonly session: string; readonly until: number }
  | {
      readonly type: 'floor.ended'
      readonly session: string
      readonly name: string
      readonly why: 'sent' | 'yielded' | 'left' | 'time'
      readonly at: number
      readonly rest_until: number
    }
  | { readonly type: 'left'; readonly session: string }
