import type { Seq } from './message.ts'

/** The end of a room's message order: enough to know in O(1) whether a session has unseen messages. */
export interface Sequence {
  /** The seq of the room's last message, 0 in a new room. */
  readonly head: Seq
  /** The session that sent the last message. */
  readonly lastSession: string
  /** The highest seq sent by another session than `lastSession`. */
  readonly newestByOthers: Seq
}

export const emptySequence: Sequence = { head: 0, lastSession: '', newestByOthers: 0 }

/** Returns the sequence after `session` sent a message. */
export const addMessage = (sequence: Sequence, session: string): Sequence => ({
  head: sequence.head + 1,
  lastSession: session,
  newestByOthers: sequence.lastSession === session ? sequence.newestByOthers : sequence.head,
})

/** Returns the seq of the newest message from another session than `session`, 0 if there is none. */
export const newestOther = (sequence: Sequence, session: string): Seq =>
  sequence.lastSession === session ? sequence.newestByOthers : sequence.head
