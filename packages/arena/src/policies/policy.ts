import type { Message, RoomSettings } from '@midsentence/core'

/** When an author may write: at any time, in its turn, or while it has a lock. */
export type Admittance = 'any time' | 'turns' | 'lock'

/** A way to coordinate, as data. One driver carries out all of them. */
export interface CoordinationPolicy {
  /** In lower case, with hyphens. */
  readonly name: string
  /** One sentence: what an author does. */
  readonly about: string
  /** Settings of the room that differ from the defaults. */
  readonly room: Partial<RoomSettings>
  readonly writes: Admittance
  /** The longest time that an author has its turn or the lock, in milliseconds. */
  readonly lease_ms: number
  /**
   * When an author reads what arrived after it began to write: never, once its text is finished, or at the end of each sentence too.
   * In a room that holds, it also reads what held its push.
   */
  readonly reads: 'never' | 'at the end' | 'while writing'
  /** Whether a message interrupts `author` while it writes. */
  interruptedBy(message: Pick<Message, 'sender_id' | 'content'>, author: string): boolean
  /** Interruptions in one message. After that many it finishes its text. */
  readonly maxInterruptions: number
  /** What an author does with its draft after it has read: revises what the news made wrong, or writes it all again. */
  readonly after: 'revise' | 'restart'
  /** How often an author reads again once its text is finished, before it sends the text as it is. Does not limit holds. */
  readonly retries: number
}
