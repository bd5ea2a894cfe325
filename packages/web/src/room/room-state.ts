import type { Message, Seq, View } from '@midsentence/core'
import type { ConversationRow } from './entries.ts'

/** The floor that an answer reported, and when it ends on the monotonic clock. */
export interface ShownFloor {
  readonly name: string
  readonly isOwn: boolean
  readonly until: number
}

/** What the last action led to, where there is something to say. */
export type Outcome =
  /** The push was not sent. `messages`: what its author had not read. */
  | { readonly kind: 'held'; readonly messages: readonly Message[]; readonly floor: ShownFloor | undefined }
  /** The draft took only the first characters; `dropped` characters are in the field again. */
  | { readonly kind: 'cut'; readonly accepted: number; readonly dropped: number }
  | { readonly kind: 'failed'; readonly sentence: string }
  /** Asks whether to discard the draft. */
  | { readonly kind: 'asks' }

export interface RoomViewState {
  /** `elsewhere`: another tab of this browser continues the session. `ended`: the room or the server ended it. */
  readonly phase: 'joining' | 'joined' | 'refused' | 'elsewhere' | 'ended' | 'left'
  /** Why the room could not be joined, or the session ended. */
  readonly problem?: string
  readonly name: string
  readonly entries: readonly ConversationRow[]
  readonly view?: View
  /** The text that is not in the draft yet. */
  readonly field: string
  readonly outcome?: Outcome | undefined
  readonly floor?: ShownFloor | undefined
  readonly isPushing: boolean
  /** The seq up to which the person had the messages on screen for long enough. */
  readonly readThrough: Seq
  /** The newest seq when the person began to write, while there is a draft or a text in the field. */
  readonly writingSince?: Seq | undefined
  /** The key of the row below the unread mark. */
  readonly unreadFrom?: string | undefined
}
