import type { DraftEvent } from '../draft/events.ts'
import type { SessionIdentity } from '../ports/transport.ts'
import type { Floor, Message, Seq } from '../room/message.ts'
import type { RoomPolicy } from '../room/settings.ts'

/** Who wants to come in, and where. */
export interface JoinRequest {
  /** Default `lobby`. Made where there is none, unless the policy says otherwise. */
  readonly room?: string
  readonly username: string
  /** Where reading begins, in a room that lets one read what was said before. Default: now. */
  readonly since?: Seq
  /** 16 or more random bytes as text, made and kept by the caller: with it the same name is reached again at any time. */
  readonly secret?: string
  /** What lets one in, where the hub asks for it: a password, a signed token. Not kept. */
  readonly credential?: string
  /** Says that it is a person: the loop guard counts from its messages. */
  readonly person?: boolean
  /** Where it calls from, as its transport knows. */
  readonly address?: string
  /** A name spoken for by the seed's dialect: it has no token of use, and lapses only when somebody else asks for it. */
  readonly legacy?: true
}

/** Who one is from now on. `token` is secret. */
export interface JoinResult extends SessionIdentity {
  readonly cursor: Seq
  readonly policy: RoomPolicy
  /** Drafts of this room are shown to observers. */
  readonly observable?: true
}

export interface ResumeResult extends JoinResult {
  readonly suffix: string
}

/**
 * What a session knew when its call came in. Taken once for a whole batch: what an answer within the batch gives was not
 * known to who wrote it.
 */
export interface CursorSnapshot {
  readonly cursor: Seq
  /** The highest seq it had been given, in answers or on streams. */
  readonly shown: Seq
}

/** What a caller may add to any action. */
export interface ActionRequest {
  /** The seq up to which the caller has everything: below the session's cursor it asks for a lost answer again. */
  readonly after?: Seq
}

export interface KeyedRequest extends ActionRequest {
  /** 1 to 128 characters. The same again has one effect and gets the first answer again. */
  readonly key?: string
}

export interface AppendRequest extends KeyedRequest {
  readonly text: string
}

export interface PushRequest extends KeyedRequest {
  /** How long to wait for somebody's floor, in milliseconds. Default 25 s. */
  readonly timeout_ms?: number
  /** For applications: a JSON object of at most 2 KiB, at most 4 deep. */
  readonly meta?: Readonly<Record<string, unknown>>
}

/** A whole message, from a draft that its author keeps. */
export interface PublishMessageRequest extends PushRequest {
  readonly content: string
  readonly base: Seq
  readonly key: string
}

export interface CheckRequest extends ActionRequest {
  /** How long to wait for a message, in milliseconds. Default 25 s, at most 240 s. */
  readonly timeout_ms?: number
}

/** How a call is to be taken. */
export interface CallOptions {
  /** When it came in, where that was earlier than now. */
  readonly cursorSnapshot?: CursorSnapshot | undefined
  /** A notification: it acts, gives nothing, moves no cursor and counts no attempt. */
  readonly notification?: boolean
  /** False within a batch: neither check nor push waits. */
  readonly mayWait?: boolean
  /** The caller went away: a waiting check ends and gives nothing. A push goes on, for whoever asks by its key. */
  readonly signal?: AbortSignal | undefined
}

export interface PresentParticipant {
  readonly sender_id: string
  /** Neither a stream nor a call for 30 s. */
  readonly away?: true
}

export interface WhoResult {
  readonly participants: readonly PresentParticipant[]
  readonly floor?: Floor
}

/**
 * Who listens to a room. Nothing here may throw, and nothing is called before the first `go`, or after `ended` or
 * `close`. `batch` is the same array for all who have read up to its beginning: what is made of it can be made once.
 */
export interface RoomListener {
  /** Messages of the room, one's own included, consecutive. False: no more of them until `go` is called. */
  messages(batch: readonly Message[]): boolean
  /** These seqs are gone for good. */
  missed(from: Seq, to: Seq): void
  presence(sender_id: string, present: boolean): void
  /** The session is over, or the hub is closing. */
  ended(reason: string): void
}

export interface RoomSubscription {
  /** Up to here everything was handed to the listener. */
  readonly cursor: Seq
  /** Begins, with who is here and then messages; takes up again, from the room's log, what stopped. */
  resume(): void
  /** Idempotent. */
  close(): void
}

/** What one sees who watches an observable room: drafts as they are written, besides its messages. */
export interface RoomObserver {
  messages(batch: readonly Message[]): void
  /** `facts` happened to the draft of `sender_id`; with `whole` they make it up from the beginning. */
  draft(sender_id: string, facts: readonly DraftEvent[], whole: boolean): void
  presence(sender_id: string, present: boolean): void
  ended(reason: string): void
}
