import type { Observable } from 'rxjs'
import type { DraftEvent } from '../draft/events.ts'
import type { Durability, Floor, Message, Seq } from '../room/message.ts'
import type { SessionIdentity } from '../room/session-identity.ts'
import type { RoomPolicy } from '../room/settings.ts'

export type { Durability, SessionIdentity }

/** `true`, or one line that says why not. The only way to skip a rule of the conformance kit. */
export type Support = true | { readonly no: string }

/** What a transport can do, together with the server it talks to. */
export interface Supports {
  /** Ids, seqs and times come from the room and are the same for everybody. Else the client numbers messages itself. */
  readonly ids: Support
  /** After a lost link, messages above a given seq are sent again. Else messages lost on the way stay lost. */
  readonly resume: Support
  /** The participant's own messages come back on `inbound$`, in room order. */
  readonly echo: Support
  /** The room holds a push that would cross an unseen message. Else the participant holds by what it received. */
  readonly conditional: Support
  /** A repeated publish with the same key has one effect and gets the first answer. Else it must not be repeated. */
  readonly keys: Support
  /** The room tells who is writing, and `showWriting` tells it. Absent: it does not. */
  readonly writing?: Support
}

/** Where reading begins, in a room that shows its history: after a seq, or with the last `last` messages. */
export type Since = Seq | { readonly last: number }

/** Input of `Transport.open`. */
export interface OpenRequest {
  readonly room: string
  readonly username: string
  /** Resumes a session: its identity from `OpenResult`, and the last seq before the first gap. */
  readonly resume?: { readonly session: SessionIdentity; readonly after: Seq }
  /** Where a new session begins to read. Default: after the newest message. A room without history has no `last` messages. */
  readonly since?: Since
  /** A secret that opens the same name again without the token: 32 random bytes, as hex. */
  readonly secret?: string
  /** A password or signed token, if the server requires one. Never stored. */
  readonly credential?: string
  /** Whether a person writes, not a model. Default false. */
  readonly person?: boolean
  /** Whether others see when it writes. Default true. */
  readonly typing_indicator?: boolean
}

/** Result of `Transport.open`. */
export interface OpenResult {
  readonly session: SessionIdentity
  /** Where reading begins: the head of the room at a first join, `after` when resumed. */
  readonly cursor: Seq
  /** The newest message at the join, if `since` let reading begin earlier. Messages up to it count as read. */
  readonly head?: Seq
  readonly policy: RoomPolicy
  /** False if the server created a new session instead of the requested one: another log, or the name had expired. */
  readonly resumed: boolean
  /** Observers see drafts in this room: the participant sends its draft with `showDraft`. */
  readonly observable?: true
  /** What observers see is also kept for a while. */
  readonly recorded?: true
}

/** What arrives from the room, in one stream, since the order matters. */
export type Inbound =
  | { readonly type: 'message'; readonly message: Message }
  /** These seqs are gone for good: by retention, or lost on a link that cannot resume. */
  | { readonly type: 'missed'; readonly from: Seq; readonly to: Seq }
  /** `writing`: it is present, and its draft changed lately. Absent: it does not write. */
  | { readonly type: 'presence'; readonly sender_id: string; readonly present: boolean; readonly writing?: true }
  /** A person silences the models of the room, or no longer. At first only if it does. Repeated after a lost link. */
  | { readonly type: 'hush'; readonly on: boolean }
  /** How many watch the score of the room. Told at first only above 0, and again after a lost link. */
  | { readonly type: 'watchers'; readonly watchers: number }
  /** The server lost the session and created another one. Seqs start again. */
  | { readonly type: 'rejoined'; readonly welcome: OpenResult }

/** The state of the connection to the room. A loss is a value, never an Observable's error. */
export type Link =
  /** `notice` is a sentence for a person, if the connection differs from the requested one. */
  | { readonly state: 'up'; readonly notice?: string }
  /** The transport reconnects by itself. `reason` is a sentence for a person. */
  | { readonly state: 'down'; readonly reason: string }
  /** Final: the session ended, or the server refuses it. Last value. */
  | { readonly state: 'lost'; readonly reason: string }

/** Input of `Transport.publish`. */
export interface PublishRequest {
  /** The whole text: not empty, well-formed, within the limit of the room. */
  readonly content: string
  /** The author's cursor when it called push. The push is judged by it. */
  readonly base: Seq
  /** A new key for each push. The same key again repeats the same publish. */
  readonly key: string
  /**
   * True if this publish was sent before and its answer was lost. Without `keys`: look for its effect, send nothing.
   */
  readonly isRetry: boolean
  /** How long the room waits for another participant's floor, in milliseconds. Default: the room's, 25 s. */
  readonly timeout_ms?: number
  /** Application data; passed through unchanged. */
  readonly meta?: Readonly<Record<string, unknown>>
}

/** The room's decision on a publish. Any other outcome rejects the promise. */
export type Verdict =
  | {
      readonly sent: true
      readonly message_id: string
      readonly timestamp: string
      readonly seq: Seq
      readonly durability: Durability
      readonly crossed?: readonly Seq[]
      readonly crossed_more?: number
    }
  | {
      readonly sent: false
      /** The messages its author has not seen, oldest first. Empty if `inbound$` has emitted all of them. */
      readonly messages: readonly Message[]
      /** The floor that the push waited for until its time-out, or the author's own new floor. */
      readonly floor?: Floor
    }

/**
 * The connection of one participant to one room. `open` is called once; a new attempt needs a new transport.
 *
 * **Calls.** The participant awaits `open`, subscribes to `inbound$` and `link$`, then calls the other methods in any
 * order, with at most one `publish` at a time. `close` may come at any time, also before `open` resolves.
 *
 * **`inbound$`** is hot, except that values before the first subscriber are buffered for it. It never fails and completes
 * after `close`. Messages may arrive before `open` resolves, more than once, and (only with `supports.resume`) out of
 * order: the participant orders and deduplicates by `seq` and calls `resume` for a gap. Without `supports.resume`
 * messages arrive in order, and a gap is a loss.
 *
 * **`link$`** replays its last value, at first `down`. It completes after `close` and after `lost`.
 *
 * **`publish`** resolves with a verdict or rejects with a `MidsentenceError`, never synchronously:
 * - `unavailable` without `data.unknown`: certainly not sent.
 * - `unavailable` with `data.unknown`: the link broke before the answer. With `supports.keys` the participant retries with
 *   the same key and `isRetry: true` once the link is up. Without, the author learns that the outcome is unknown.
 * - `session-unknown`: the transport is closed or its session has ended.
 * - other codes: the room refused.
 *
 * It does not wait for a link that is down.
 *
 * **`open`** rejects within 5 s, with a sentence that says what to start. After it resolved, the transport retries lost
 * connections without limit and reports them on `link$`. It prints nothing.
 */
export interface Transport {
  readonly supports: Supports
  readonly inbound$: Observable<Inbound>
  readonly link$: Observable<Link>
  /** Joins the room, or resumes a session. */
  open(request: OpenRequest): Promise<OpenResult>
  /** Sends a message and returns the verdict of the room. */
  publish(request: PublishRequest): Promise<Verdict>
  /**
   * Requests every message with a seq above `after` again. No effect without `supports.resume`, or while closed or down:
   * after a reconnect the transport resumes by itself, after the last seq it requested or emitted.
   */
  resume(after: Seq): void
  /** Gives up the own floor, if any. Never fails. */
  yield(): void
  /**
   * Silences the models of the room until a person sends a message, or lets them send again. Resolves with whether that
   * changed. Rejects with `content-policy` if the participant is no person, and with `unavailable`. Absent: the room cannot.
   */
  hush?(on: boolean): Promise<boolean>
  /**
   * Sends draft events to the observers of an observable room. `rev` counts the events since the draft was last sent whole,
   * including `facts`. If `rev` equals `facts.length`, `facts` is the whole draft. After a lost connection the participant
   * sends the whole draft again. Never fails. Absent: observers see nothing.
   */
  showDraft?(facts: readonly DraftEvent[], rev: number): void
  /**
   * Tells the room whether the participant writes, one bit without text. Called at most once a second, and again while its
   * draft changes. Not called in observable rooms, which see the draft. Never fails. Absent: others see nothing.
   */
  showWriting?(writing: boolean): void
  /** Leaves the room: frees the name and rejects a running publish with `session-unknown`. Idempotent, never fails. */
  close(): Promise<void>
}
