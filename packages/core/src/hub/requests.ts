import type { DraftEvent } from '../draft/events.ts'
import type { SessionIdentity } from '../ports/transport.ts'
import type { Floor, Message, Seq } from '../room/message.ts'
import type { RoomPolicy } from '../room/settings.ts'
import type { ScoreRecord } from '../score/records.ts'

/** Input for joining a room. */
export interface JoinRequest {
  /** Default `lobby`. Created if there is none, unless the policy forbids it. */
  readonly room?: string
  readonly username: string
  /** The seq after which reading begins, in a room that shows its history. Default: the newest message. */
  readonly since?: Seq
  /** Instead of `since`: begins with the last messages, this many; fewer or none where the room does not show them. */
  readonly last?: number
  /** 16 or more random bytes as text, made and kept by the caller. Joining again with it returns the same session. */
  readonly secret?: string
  /** A password or signed token, where the hub asks for one. Not stored. */
  readonly credential?: string
  /** A person: the loop guard counts from its messages. */
  readonly person?: boolean
  /** Whether others see when it writes. Default true. */
  readonly typing_indicator?: boolean
  /** The address of the caller, as its transport knows it. */
  readonly address?: string
  /** A name from a legacy server. Its token is not used. It expires only when another participant wants the name. */
  readonly legacy?: true
}

/** What a participant has to know of its room. */
export interface RoomTerms {
  readonly policy: RoomPolicy
  /** Observers see the drafts of this room. */
  readonly observable?: true
  /** What observers see is kept, undone text too. */
  readonly recorded?: true
  /** The list of rooms shows this room, and who is in it. */
  readonly listed?: true
}

/** The identity of a new session. `token` is secret. */
export interface JoinResult extends SessionIdentity, RoomTerms {
  readonly cursor: Seq
  /**
   * The newest message at the join, where reading began earlier. Messages up to it were said before: they count as read
   * and hold no push.
   */
  readonly head?: Seq
}

export interface ResumeResult extends JoinResult {
  readonly suffix: string
}

/**
 * What a session knew when its call arrived. Taken once for a batch: the author of the batch did not know what an answer
 * within it gives.
 */
export interface CursorSnapshot {
  readonly cursor: Seq
  /** The highest seq it was shown, in answers or on streams. */
  readonly shown: Seq
}

/** Members of every action. */
export interface ActionRequest {
  /** The seq up to which the caller has everything. Below the session's cursor, it asks for a lost answer again. */
  readonly after?: Seq
}

export interface KeyedRequest extends ActionRequest {
  /** 1 to 128 characters. A repeated call with the same key has no effect, and gets the first answer again. */
  readonly key?: string
}

export interface AppendRequest extends KeyedRequest {
  readonly text: string
}

export interface PushRequest extends KeyedRequest {
  /** How long to wait while another participant has the floor, in milliseconds. Default 25 s. */
  readonly timeout_ms?: number
  /** For applications: a JSON object of at most 2 KiB, nested at most 4 deep. */
  readonly meta?: Readonly<Record<string, unknown>>
}

/** A whole message, from a draft that its author keeps itself. */
export interface PublishMessageRequest extends PushRequest {
  readonly content: string
  readonly base: Seq
  readonly key: string
}

export interface CheckRequest extends ActionRequest {
  /** How long to wait for a message, in milliseconds. Default 25 s, maximum 240 s. */
  readonly timeout_ms?: number
}

/** How a call is handled. */
export interface CallOptions {
  /** What the session knew when the call arrived. Default: what it knows now. */
  readonly cursorSnapshot?: CursorSnapshot | undefined
  /** A notification has its effect, gives no messages, moves no cursor and counts as no attempt. */
  readonly notification?: boolean
  /** False within a batch: checks and pushes do not wait. */
  readonly mayWait?: boolean
  /** Runs at once instead of after the session's earlier calls. Only for a call that neither reads nor writes its draft. */
  readonly concurrent?: boolean
  /** Aborted when the caller is gone: a waiting check ends and gives nothing. A push goes on: repeat it by its key. */
  readonly signal?: AbortSignal | undefined
}

export interface PresentParticipant {
  readonly sender_id: string
  /** No stream and no call for 30 s. */
  readonly away?: true
  /** Its draft changed lately and is not empty. */
  readonly writing?: true
}

/** A change of presence as streams send it. */
export interface PresenceChange {
  readonly present: boolean
  readonly writing?: true
}

export interface WhoResult {
  readonly participants: readonly PresentParticipant[]
  readonly floor?: Floor
  /** A person silences the models of the room. */
  readonly hushed?: true
  /** How many watch the score of the room. Absent: none. */
  readonly watchers?: number
}

/**
 * Receives what happens in a room. Its methods must not throw. They are called after the first `resume`, and not after
 * `ended` or `close`. Listeners that have read up to the same seq get the same `batch` array: serialise it once.
 */
export interface RoomListener {
  /** Consecutive messages of the room, one's own included. Return false to get no more until `resume` is called. */
  messages(batch: readonly Message[]): boolean
  /** Retention dropped these seqs. */
  missed(from: Seq, to: Seq): void
  /**
   * Participants came or went, by name; at first, all who are here. Listeners get the same map: serialise it once. Never
   * tells of one who is known, nor that one who is not known has gone.
   */
  presence(changes: ReadonlyMap<string, PresenceChange>): void
  /** Participants who are known began or stopped writing, by name. One who goes does not write. Absent: not told. */
  writing?(changes: ReadonlyMap<string, PresenceChange>): void
  /** The models of the room are silenced, or no longer. At first only if they are. Absent: not told. */
  hush?(on: boolean): void
  /** Called with the number of watchers of the score when it changes. Absent: not called. */
  watchers?(watchers: number): void
  /** The session is over, or the hub is closing. */
  ended(reason: string): void
}

export interface RoomSubscription {
  /** The listener has everything up to this seq. */
  readonly cursor: Seq
  /** Begins with who is here, then messages. Later calls go on from the cursor after a pause. */
  resume(): void
  /** Idempotent. */
  close(): void
}

/** Receives messages and drafts of an observable room. */
export interface RoomObserver {
  messages(batch: readonly Message[]): void
  /** Events of the draft of `sender_id`. With `whole`, they are all of it. */
  draft(sender_id: string, facts: readonly DraftEvent[], whole: boolean): void
  presence(sender_id: string, present: boolean): void
  ended(reason: string): void
}

/** Input for watching the score of a room. */
export interface WatchRequest {
  readonly room: string
  /** The position after which it begins. Default: the oldest record that is kept. */
  readonly from?: number
  /** As in a join. */
  readonly credential?: string
  readonly address?: string
}

/** Receives the score of a room. Its methods must not throw. They are called after the first `resume`, not after `ended`. */
export interface ScoreListener {
  /** Records in order. Listeners at the same position may get the same array. Return false to get no more until `resume`. */
  records(batch: readonly ScoreRecord[]): boolean
  /** The records at these positions are not kept any more. */
  missed(from: number, to: number): void
  /** The access has ended, the room was closed, or the hub is closing. */
  ended(reason: string): void
}

export interface ScoreSubscription {
  /** The listener has everything up to this position. */
  readonly position: number
  /** Begins, or goes on after a pause. */
  resume(): void
  /** Idempotent. */
  close(): void
}

/** A room in the list of rooms. */
export interface ListedRoom extends RoomTerms {
  readonly room: string
  readonly participants: readonly PresentParticipant[]
  /** When something happened there: RFC 3339 in UTC. Absent: nothing yet. */
  readonly last_at?: string
  readonly watchers?: number
}
