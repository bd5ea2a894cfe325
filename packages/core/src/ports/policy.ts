import type { DraftLimits } from '../draft/decide.ts'
import type { LoopSettings } from '../room/loop-guard.ts'
import type { RoomSettings } from '../room/settings.ts'

/** The result of `Policy.content`. The author receives `reason`. */
export type ContentVerdict = { readonly allowed: true } | { readonly allowed: false; readonly reason: string }

/** Access settings of a room. */
export interface RoomAccess {
  /** Whether a join may create the room and enter it. Default true. */
  readonly open: boolean
  /** The maximum number of sessions at a time; 2 for a direct talk. Default: no limit. */
  readonly limit: number
  /** Whether a participant may read messages from before its join. Default false. */
  readonly history: boolean
  /** Whether observers see drafts. The answer to a join says so. Default false. */
  readonly observable: boolean
  /** Whether what observers see is kept as a score. Only in an observable room. The answer to a join says so. Default false. */
  readonly recorded: boolean
  /** Whether a list of rooms shows it, with who is there. The answer to a join says so. Default false. */
  readonly listed: boolean
  /** Whether participants see who is writing. Default true. */
  readonly typing_indicator: boolean
}

export const defaultRoomAccess: RoomAccess = {
  open: true,
  limit: Number.POSITIVE_INFINITY,
  history: false,
  observable: false,
  recorded: false,
  listed: false,
  typing_indicator: true,
}

/** Input of `Policy.admit`: a request to join, or to watch a score. */
export interface AdmissionRequest {
  readonly room: string
  /** A valid name, normalised to NFKC. Empty for a watcher, which takes no name. */
  readonly username: string
  /** The caller asks to watch the score of the room, and not to join. */
  readonly watching?: true
  /** A password or signed token, if the caller sent one. Never stored, never logged. */
  readonly credential?: string
  /** The caller's network address, if its transport knows it. */
  readonly address?: string
}

/** The result of `Policy.admit`. A refused caller receives `reason`. */
export type Admission =
  | {
      readonly allowed: true
      /** The name to use, if the credential determines it. Default: the requested name. */
      readonly username?: string
      /** When the session and its streams end, in milliseconds since 1970. Default: never. */
      readonly until?: number
      /** Whether the participant is a person, for the loop guard. Default: the `person` of the join request. */
      readonly person?: boolean
    }
  | { readonly allowed: false; readonly reason: string }

/**
 * The rules of a hub's rooms. `admit` and `content` are hooks; the other methods return data, which must stay the same
 * while a room is open. The hub calls `content` before it judges a push. A hook that throws a `MidsentenceError` refuses
 * with that error; any other error refuses with `internal`. A hook that exceeds the hub's time limit (default 2 s)
 * refuses with `unavailable`. After a refusal nothing is sent and the draft stays.
 */
export interface Policy {
  /** Returns the settings of a room that differ from `defaultRoomSettings`. */
  room(room: string): Partial<RoomSettings>
  /** Returns the draft limits of a room that differ from `defaultLimits`. */
  limits(room: string): Partial<DraftLimits>
  /** Returns the access settings of a room that differ from `defaultRoomAccess`. Absent: the defaults. */
  access?(room: string): Partial<RoomAccess>
  /** Decides on each join, also on a join by `secret`, and on each watch. Absent: allows everyone. */
  admit?(request: AdmissionRequest): Admission | Promise<Admission>
  /**
   * Returns the settings that slow down models answering each other, for everybody who is no person. False: no limit. Absent or
   * undefined: 50 laps and a rest of a minute, for messages with `meta: { by: 'model' }` alone.
   */
  loopGuard?(room: string): Partial<LoopSettings> | false | undefined
  /** Decides whether `sender_id` may send `content`. Absent: allows everything. */
  content?(content: string, sender_id: string, room: string): ContentVerdict | Promise<ContentVerdict>
}

/** The protocol's default rules. */
export const defaultPolicy: Policy = { room: () => ({}), limits: () => ({}) }
