import type { Seq } from './message.ts'

/** Who spoke last, and the last message by anybody else: all it takes to know what a session has not seen, in O(1). */
export interface Sequence {
  /** The seq of the room's last message, 0 in a new room. */
  readonly head: Seq
  /** The session that sent it. */
  readonly lastSession: string
  /** The highest seq sent by another session than `by`. */
  readonly newestByOthers: Seq
}

export const emptySequence: Sequence = { head: 0, lastSession: '', newestByOthers: 0 }

/** The sequence after `session` sent one more message. */
export const addMessage = (sequence: Sequence, session: string): Sequence => ({
  head: sequence.head + 1,
  lastSession: session,
  newestByOthers: sequence.lastSession === session ? sequence.newestByOthers : sequence.head,
})

/** The newest message that is not `session`'s own, 0 where there is none. */
export const newestOther = (sequence: Sequence, session: string): Seq =>
  sequence.lastSession === session ? sequence.newestByOthers : sequence.head
