import type { Observable } from 'rxjs'
import type { DraftEvent } from '../draft/events.ts'
import type { Durability, Floor, Message, Seq } from '../room/message.ts'
import type { SessionIdentity } from '../room/session-identity.ts'
import type { RoomPolicy } from '../room/settings.ts'

export type { Durability, SessionIdentity }

/** Can it? `true`, or one line that says why not. The only way to be excused from a rule of the kit. */
export type Support = true | { readonly no: string }

/** What a transport, together with the other side it speaks to, can do. */
export interface Supports {
  /** Ids, seqs and times come from the room and are the same for everybody. Else they are this side's own numbering. */
  readonly ids: Support
  /** After a cut, everything later than a given seq is given again. Else what was lost on the way stays lost. */
  readonly resume: Support
  /** One's own messages come back on `inbound$` in their place in the room's order. */
  readonly echo: Support
  /** The room holds a push that would cross an unseen message. Else the participant holds by what it has. */
  readonly conditional: Support
  /** A publish repeated under its key has one effect and gets the first answer. Else it must never be repeated. */
  readonly keys: Support
}

/** Who comes, where to, and from where it goes on. */
export interface OpenRequest {
  readonly room: string
  readonly username: string
  /** Where one was here before: the session as `Welcome` gave it, and the last seq that is known without a gap. */
  readonly resume?: { readonly session: SessionIdentity; readonly after: Seq }
  /** Given by one who can keep it: with it the name is reached again at any time. 32 random bytes, as hex. */
  readonly secret?: string
  /** What lets one in, where the other side asks for it: a password, a signed token. Never kept. */
  readonly credential?: string
  /** It is a person who writes. */
  readonly person?: boolean
}

export interface OpenResult {
  readonly session: SessionIdentity
  /** Where reading begins: the room's head at a first join, `after` when resumed. */
  readonly cursor: Seq
  readonly policy: RoomPolicy
  /** False where a session was asked for and another one had to be made (over another log, or the name had lapsed). */
  readonly resumed: boolean
  /** Drafts in this room are shown to observers: the participant tells its own through `show`. */
  readonly observable?: true
}

/** What arrives, in one stream, since its order matters. */
export type Inbound =
  | { readonly type: 'message'; readonly message: Message }
  /** These seqs are gone for good: retention, or a link that cannot resume. */
  | { readonly type: 'missed'; readonly from: Seq; readonly to: Seq }
  | { readonly type: 'presence'; readonly sender_id: string; readonly present: boolean }
  /** The other side had lost the session, and made another: seqs begin anew. */
  | { readonly type: 'rejoined'; readonly welcome: OpenResult }

/** The state of the line to the room. Loss is a value, never an Observable's error. */
export type Link =
  /** `notice` is a sentence for a person, where it is another line than was asked for. */
  | { readonly state: 'up'; readonly notice?: string }
  /** It comes back by itself; `reason` is a sentence for a person. */
  | { readonly state: 'down'; readonly reason: string }
  /** It does not: the session is over, or the other side refuses. Last value. */
  | { readonly state: 'lost'; readonly reason: string }

export interface PublishRequest {
  /** The whole text. Never empty, well-formed, within the room's limit. */
  readonly content: string
  /** The author's cursor when it called push: what the push is judged by. */
  readonly base: Seq
  /** New for each attempt; the same again means: this very publish, whose answer was lost. */
  readonly key: string
  /** True when this very publish was sent before and its answer was lost. Without `keys`: look for its effect, send nothing. */
  readonly isRetry: boolean
  /** How long to wait for somebody's floor, in milliseconds. */
  readonly timeout_ms?: number
  /** For applications; carried untouched. */
  readonly meta?: Readonly<Record<string, unknown>>
}

/** The room's judgement of one publish. Anything else is a rejection of the promise. */
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
      /** What its author had not been given, oldest first, unless `inbound$` has emitted all of it before. */
      readonly messages: readonly Message[]
      /** Somebody's floor that was waited for in vain, or one's own that begins. */
      readonly floor?: Floor
    }

/**
 * The line between one participant and one room. Made for one participant, opened once; a new attempt is a new one.
 *
 * **Order of calls.** The participant calls `open` once and awaits it, subscribes to `inbound$` and `link$`, then calls
 * the rest at will; at most one `publish` is under way. `close` may come at any time, also before `open` resolves.
 *
 * **`inbound$`** is hot, except that what arrives before the first subscriber is kept for it. It never fails; it
 * completes after `close`. Messages may come before `open` resolves, twice, and (only where it supports `resume`) out
 * of order: the participant dedupes and orders by `seq`, and asks `resume` for what is missing. Without `resume` it
 * gives messages in order, and a gap in the seqs is a loss. One's own messages come back or not, as `echo` says.
 * **`link$`** replays its last value; `down` at first. It completes after `close` or behind `lost`.
 *
 * **`publish`** resolves with a verdict, or rejects with a `MidsentenceError`: `unavailable` without `data.unknown`
 * when it certainly was not sent, with `data.unknown` when the link died in between; the participant then asks again
 * with `again: true` under the same key once the link is up (`keys`), or tells its author that it is not known. It
 * never hangs over a link that is down. Other codes are the room's refusals. It must not throw synchronously.
 *
 * **Failure of `open`**: a rejection within 5 s with a sentence that says what to start; later losses are retried for
 * ever by the transport itself and told on `link$`. It prints nothing.
 */
export interface Transport {
  readonly supports: Supports
  readonly inbound$: Observable<Inbound>
  readonly link$: Observable<Link>
  open(hello: OpenRequest): Promise<OpenResult>
  publish(request: PublishRequest): Promise<Verdict>
  /** Give everything with a seq above `after` again. No effect without `resume`, while closed or down (it resumes by itself then, from the last `after` it was told or gave). */
  resume(after: Seq): void
  /** Gives up one's floor, if one has it. Never fails. */
  yield(): void
  /**
   * In an observable room: `facts` happened to the draft, after which there have been `rev` of them since it was told
   * from the beginning. After a cut, and wherever `rev` is the number of `facts`, they are the whole draft. Never fails;
   * what is lost is told again with the whole. Absent: nobody is shown anything.
   */
  showDraft?(facts: readonly DraftEvent[], rev: number): void
  /** Leaves the room: the name is free afterwards, a publish under way ends with `session-unknown`. Idempotent, never fails. */
  close(): Promise<void>
}
