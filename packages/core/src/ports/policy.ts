import type { DraftLimits } from '../draft/decide.ts'
import type { LoopSettings } from '../room/loop-guard.ts'
import type { RoomSettings } from '../room/settings.ts'

/** What a content hook says: fine, or why not. The reason is told to the author. */
export type ContentVerdict = { readonly allowed: true } | { readonly allowed: false; readonly reason: string }

/** Who may come into a room, and what one finds there. */
export interface RoomAccess {
  /** May somebody make or enter it by joining? */
  readonly open: boolean
  /** So many at a time: 2 makes it a direct talk. */
  readonly limit: number
  /** May one who joins read what was said before? */
  readonly history: boolean
  /** Are drafts shown to observers? Who joins is told. */
  readonly observable: boolean
}

export const defaultRoomAccess: RoomAccess = {
  open: true,
  limit: Number.POSITIVE_INFINITY,
  history: false,
  observable: false,
}

/** Who wants to come in, and by what. */
export interface AdmissionRequest {
  readonly room: string
  /** In NFKC, and allowed as a name. */
  readonly username: string
  /** What it showed to be let in: a password, a signed token. Never kept, never logged. */
  readonly credential?: string
  /** Where it calls from, as far as its transport knows. */
  readonly address?: string
}

/** May it come in? The reason is told to it. */
export type Admission =
  | {
      readonly allowed: true
      /** Its name, where the credential says who it is. Default: the one it asked for. */
      readonly username?: string
      /** When its leave to be here ends, in milliseconds since 1970: the session and its streams end then. Default: never. */
      readonly until?: number
      /** A person, for the loop guard. Default: what it says itself. */
      readonly person?: boolean
    }
  | { readonly allowed: false; readonly reason: string }

/**
 * What a room's keeper decides. Called by whatever judges pushes, before the judgement, never inside it. Data where data
 * will do; `admit` and `content` are the only hooks. A hook that throws counts as a refusal with `internal`, one that
 * takes too long (two seconds, a setting of the hub) as `unavailable`: nothing is sent, the draft stays.
 */
export interface Policy {
  /** The rules of a room; the answer for a room must stay the same while it is open. */
  room(room: string): Partial<RoomSettings>
  /** The drafts' limits in that room. */
  limits(room: string): Partial<DraftLimits>
  /** Who may come in. Absent: everybody, anywhere; nothing is shown of before, or of drafts. */
  access?(room: string): Partial<RoomAccess>
  /** Who is it, and may it come in? Asked at each join, also of one who comes back by its secret. Absent: whoever asks may. */
  admit?(visitor: AdmissionRequest): Admission | Promise<Admission>
  /** When models that answer each other are slowed down in that room. Absent or undefined: never. */
  loopGuard?(room: string): Partial<LoopSettings> | undefined
  /** May `content` be said by `sender_id`? Absent: anything may. */
  content?(content: string, sender_id: string, room: string): ContentVerdict | Promise<ContentVerdict>
}

/** Rooms as the protocol has them by default. */
export const defaultPolicy: Policy = { room: () => ({}), limits: () => ({}) }
