import type { DraftEvent } from '../draft/events.ts'
import type {
  AppendAnswer,
  CheckAnswer,
  DraftAnswer,
  PreviewAnswer,
  PushAnswer,
  SentAnswer,
} from '../machine/answers.ts'
import type { Seq } from '../room/message.ts'
import type { RoomAdmin } from './admin.ts'
import type {
  ActionRequest,
  AppendRequest,
  CallOptions,
  CheckRequest,
  CursorSnapshot,
  JoinRequest,
  JoinResult,
  KeyedRequest,
  PublishMessageRequest,
  PushRequest,
  ResumeResult,
  RoomListener,
  RoomObserver,
  RoomSubscription,
  WhoResult,
} from './requests.ts'

/**
 * One participant's place in a room: a token, a draft, a cursor. Effects come in the order of the calls. Every call ends
 * with its answer or rejects with a `MidsentenceError`; an error changes nothing and loses nothing.
 */
export interface HubSession {
  readonly joinResult: JoinResult
  /** What it knows at this moment; for a batch, taken once before its first call. */
  snapshotCursor(): CursorSnapshot
  append(request: AppendRequest, manner?: CallOptions): Promise<AppendAnswer>
  undo(request?: KeyedRequest, manner?: CallOptions): Promise<DraftAnswer>
  reset(request?: KeyedRequest, manner?: CallOptions): Promise<DraftAnswer>
  preview(request?: ActionRequest, manner?: CallOptions): Promise<PreviewAnswer>
  /** Sends the hosted draft. */
  push(request?: PushRequest, manner?: CallOptions): Promise<PushAnswer>
  /** Sends a whole message from a draft that is kept elsewhere; the hosted one stays as it is. */
  publish(request: PublishMessageRequest, manner?: CallOptions): Promise<PushAnswer>
  check(request?: CheckRequest, manner?: CallOptions): Promise<CheckAnswer>
  /** Who one is, again: also where a connection begins anew. */
  resume(): Promise<ResumeResult>
  who(): WhoResult
  /** Gives one's floor up. True where one had it. */
  yield(): boolean
  /** Frees the name at once. A waiting push ends with `session-unknown`, a waiting check with 0. Idempotent. */
  leave(): Promise<void>
  /** Says `content` out of turn, as a client that knows no hold does: sent at once, and `crossed` says what it crossed. */
  sendUnconditionally(content: string): Promise<SentAnswer>
  /** What happened to a draft that is kept elsewhere, for the observers of an observable room; elsewhere it is ignored. */
  showDraft(facts: readonly DraftEvent[], rev: number): void
  /**
   * Gives `listener` every message with a seq above `after` (default: the session's cursor), then those to come, and
   * who is here; all of it from the first `go` of the answer on. Rejects with `invalid-params` where `after` lies above what the session was shown.
   */
  subscribe(listener: RoomListener, after?: Seq): Promise<RoomSubscription>
}

/** Rooms, in this process. Every server half stands on it; it knows nothing of how its callers reach it. */
export interface Hub {
  /** The id of the room log: sessions live and die with it. */
  readonly log: string
  readonly durability: 'memory' | 'flushed'
  /**
   * A new session, or with its `secret` the one that was there. Rejects with `name-taken` (taken or not allowed),
   * `room-unavailable` or `invalid-params`.
   */
  join(request: JoinRequest): Promise<HubSession>
  /** Whose token this is; throws `session-unknown`. It takes a call to be a sign of life. */
  enter(token: string): HubSession
  /** Does it ask who joins, by `Policy.admit`? */
  readonly requiresCredential?: boolean
  /** For whoever keeps it, and nobody else. */
  readonly admin?: RoomAdmin
  /** Watches an observable room; throws `room-unavailable` for any other. The answer ends it. */
  observe(room: string, observer: RoomObserver): () => void
  /** Ends every stream and every wait, writes out what is under way. Idempotent. */
  close(): Promise<void>
}
