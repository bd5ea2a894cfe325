import type { DraftEvent } from '../draft/events.ts'
import type {
  AppendAnswer,
  CheckAnswer,
  DraftAnswer,
  PreviewAnswer,
  PushAnswer,
  SentAnswer,
} from '../machine/answers.ts'
import type { Floor, LogDurability, Seq } from '../room/message.ts'
import type {
  ActionRequest,
  AppendRequest,
  CallOptions,
  CheckRequest,
  CursorSnapshot,
  JoinRequest,
  JoinResult,
  KeyedRequest,
  ListedRoom,
  PublishMessageRequest,
  PushRequest,
  ResumeResult,
  RoomListener,
  RoomObserver,
  RoomSubscription,
  ScoreListener,
  ScoreSubscription,
  WatchRequest,
  WhoResult,
} from './requests.ts'

/**
 * One participant's session in a room: a token, a draft, a cursor. Effects come in the order of the calls. Every call ends
 * with its answer or rejects with a `MidsentenceError`; after an error nothing has changed and nothing is lost.
 */
export interface HubSession {
  readonly joinResult: JoinResult
  /**
   * True once the session left memory with its room, after it had lapsed. Its calls are refused with `unavailable`: await
   * `loadRoomOf` its token, and get it again with `enter`.
   */
  readonly unloaded?: boolean
  /** True once the session has left, was removed or has expired. Its calls are refused with `session-unknown`. */
  readonly ended?: boolean
  /** What the session knows now. For a batch, take it once before its first call. */
  snapshotCursor(): CursorSnapshot
  append(request: AppendRequest, options?: CallOptions): Promise<AppendAnswer>
  undo(request?: KeyedRequest, options?: CallOptions): Promise<DraftAnswer>
  reset(request?: KeyedRequest, options?: CallOptions): Promise<DraftAnswer>
  preview(request?: ActionRequest, options?: CallOptions): Promise<PreviewAnswer>
  /** Sends the hosted draft. */
  push(request?: PushRequest, options?: CallOptions): Promise<PushAnswer>
  /** Sends a whole message from a draft that is kept elsewhere. The hosted draft stays as it is. */
  publish(request: PublishMessageRequest, options?: CallOptions): Promise<PushAnswer>
  check(request?: CheckRequest, options?: CallOptions): Promise<CheckAnswer>
  /** Resolves with the join result, cursor and suffix of now. Call it when a connection begins again. */
  resume(): Promise<ResumeResult>
  who(): WhoResult | Promise<WhoResult>
  /** Gives up the floor. Returns whether the session had it. */
  yield(): boolean | Promise<boolean>
  /**
   * Silences the models of the room until a person sends a message, or lets them send again. Returns whether that changed.
   * Fails with `content-policy` if this session is not a person's.
   */
  hush(on: boolean): boolean | Promise<boolean>
  /** Takes points from its rate for a call that ended, for example for the size of its answer. */
  charge(points: number): void
  /** Frees the name at once. A waiting push ends with `session-unknown`, a waiting check with status 0. Idempotent. */
  leave(): Promise<void>
  /** Sends `content` at once, for legacy clients that know no holds. The message's `crossed` names what it crossed. */
  sendUnconditionally(content: string): Promise<SentAnswer>
  /** Shows observers what happened to a draft that is kept elsewhere. Ignored in rooms that are not observable. */
  showDraft(facts: readonly DraftEvent[], rev: number): void
  /** Tells others whether its author writes, for a draft that is kept elsewhere. */
  showWriting(writing: boolean): void
  /**
   * Gives `listener` every message with a seq above `after` (default: the session's cursor), then new ones, and who is
   * here; all of it from the first `resume` of the subscription on. Rejects with `invalid-params` if `after` is above what
   * the session was shown.
   */
  subscribe(listener: RoomListener, after?: Seq): Promise<RoomSubscription>
}

/** A room, as the admin API shows it. */
export interface RoomInfo {
  readonly room: string
  /** Joining is refused until it is opened. */
  readonly closed: boolean
  readonly participants: number
  /** The seq of its newest message. */
  readonly head: Seq
  readonly floor?: Floor
  /** Its models are silent until a person sends a message. */
  readonly hushed?: true
  /** The name of the server that has it. Absent: there is one server. */
  readonly server?: string
}

/** The rooms of a cluster. */
export interface RoomList {
  readonly rooms: readonly RoomInfo[]
  /** Names of servers that did not answer: their rooms are missing. */
  readonly silent?: readonly string[]
}

export interface ParticipantInfo {
  readonly sender_id: string
  readonly session_id: string
  readonly away: boolean
  readonly writing: boolean
  readonly streams: number
}

/** What a hub does at this moment. */
export interface HubLoad {
  /** Rooms in memory. */
  readonly rooms: number
  /** Rooms that left memory and have sessions. */
  readonly unloadedRooms: number
  /** Sessions with a place in their room. */
  readonly sessions: number
  /** Sessions that lapsed, in memory or not. */
  readonly lapsed: number
  readonly streams: number
  /** Streams whose readers are paused. */
  readonly slow: number
  readonly waitingChecks: number
  /** Pushes that wait for a floor to end, or to be written. */
  readonly waitingPushes: number
}

/** What this server of a cluster has, and has done since its start. */
export interface ClusterLoad {
  /** Rooms that this server owns. */
  readonly ownedRooms: number
  /** Calls for rooms of others, made at their owners. */
  readonly callsSent: number
  /** Calls of other servers for rooms of this one. */
  readonly callsReceived: number
  /** Conversations with other servers that were given up, since frames were lost. */
  readonly lostLinks: number
  /** Entries of silent servers that this one removed. */
  readonly evictions: number
  /** How often the lease ended and was confirmed again. */
  readonly leaseInterruptions: number
  readonly claims: number
  /** Milliseconds of all claims together: an owner record, and opening the room. */
  readonly claimMs: number
}

/** The admin API of a hub. It shows no drafts and no messages. */
export interface RoomAdmin {
  rooms(): readonly RoomInfo[] | Promise<readonly RoomInfo[]>
  /** Present in a cluster: as `rooms`, with the servers that did not answer. Fails with `unavailable` without a lease. */
  roomList?(): Promise<RoomList>
  /** Fails with `room-unavailable` if the room is not open. */
  participants(room: string): readonly ParticipantInfo[] | Promise<readonly ParticipantInfo[]>
  /** Removes a participant and bans the name in that room for `for_ms` milliseconds. Default ten minutes. False if it is not there. */
  remove(room: string, username: string, for_ms?: number): Promise<boolean>
  /** Removes everybody and refuses joins until `open` or the next start of the hub. Resolves with how many were removed. */
  close(room: string): Promise<number>
  /** Lets participants join again. False if the room was not closed. */
  open(room: string): boolean | Promise<boolean>
  /**
   * Silences the models of a room until a person sends a message, or lets them send again. False if that changed nothing.
   * Fails with `room-unavailable` if the room is not open.
   */
  hush(room: string, on: boolean): boolean | Promise<boolean>
  /** Drops the score of a room. Later records have higher positions. Resolves with whether there was one. */
  erase(room: string): Promise<boolean>
  /** What this process does. */
  load(): HubLoad
  /** Present in a cluster. */
  clusterLoad?(): ClusterLoad
}

/** A session of a hub in this process, which answers at once. */
export interface LocalSession extends HubSession {
  who(): WhoResult
  yield(): boolean
  hush(on: boolean): boolean
}

/** The admin API of a hub in this process, which answers at once. */
export interface LocalAdmin extends RoomAdmin {
  /** Whether it keeps a room closed or silent, or a name out: that ends with the hub. */
  readonly restricts: boolean
  rooms(): readonly RoomInfo[]
  participants(room: string): readonly ParticipantInfo[]
  open(room: string): boolean
  hush(room: string, on: boolean): boolean
}

/** Rooms and sessions, in this process or in several. Every server is built on it. It knows no transport. */
export interface Hub {
  /** Id of the room log. Sessions end with that log. */
  readonly log: string
  readonly durability: LogDurability
  /**
   * Resolves with a new session, or with the existing one of the same `secret`. Rejects with `name-taken` (taken or not
   * allowed), `room-unavailable` or `invalid-params`.
   */
  join(request: JoinRequest): Promise<HubSession>
  /**
   * Opens the room of a token whose room left memory. Returns undefined if there is nothing to wait for. Await it, then
   * call `enter` at once. Absent: rooms do not leave memory.
   */
  loadRoomOf?(token: string): Promise<void> | undefined
  /**
   * Returns the session of a token. Throws `session-unknown`, or `unavailable` while its room is not in memory. Call one of
   * its actions next: that keeps it from expiring.
   */
  enter(token: string): HubSession
  /** False while calls wait, since the hub cannot reach what it rests on. Absent: always true. */
  readonly isReady?: boolean
  /** Joining needs a credential, for `Policy.admit`. */
  readonly requiresCredential?: boolean
  /** The admin API. Protect access to it. */
  readonly admin?: RoomAdmin
  /** Watches an observable room; throws `room-unavailable` for any other. Returns a function that ends it. */
  observe(room: string, observer: RoomObserver): () => void
  /**
   * Gives `listener` the score of a recorded room, to a caller whom `Policy.admit` allows. Takes no name. Rejects with
   * `room-unavailable` for any other room or caller; a refusal by the policy has `data.reason`. Rejects with
   * `invalid-params` if `from` is above the newest position. Absent: there are no scores.
   */
  watch?(request: WatchRequest, listener: ScoreListener): Promise<ScoreSubscription>
  /** The listed rooms, those with the latest events first, at most 1000. Absent: none is listed. */
  listed?(): readonly ListedRoom[] | Promise<readonly ListedRoom[]>
  /** Ends every stream and every waiting call, and writes what is in progress. Idempotent. */
  close(): Promise<void>
}
