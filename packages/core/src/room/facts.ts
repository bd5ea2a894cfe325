import type { Seq } from './message.ts'

/** A push that waits until another participant's floor ends. */
export interface WaitingPublish {
  readonly push: string
  readonly session: string
  readonly name: string
  readonly base: Seq
  /** When the wait times out, on the monotonic clock. */
  readonly deadline: number
  /** Its verdict has no receiver, so it does not count for the floor. */
  readonly uncounted?: boolean
}

/**
 * Everything that can happen in a room, in order. `push` is the id that the caller gave a publish; each gets one verdict.
 */
export type RoomFact =
  /** Verdict: sent as `seq`, judged by `base`. */
  | { readonly type: 'sent'; readonly push: string; readonly session: string; readonly base: Seq; readonly seq: Seq }
  /** Verdict: not sent, since its author had not seen `newest`. */
  | {
      readonly type: 'held'
      readonly push: string
      readonly session: string
      readonly newest: Seq
      readonly more: boolean
    }
  | { readonly type: 'parked'; readonly waiting: WaitingPublish }
  /** Verdict: another participant's floor lasted longer than the push would wait. */
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
