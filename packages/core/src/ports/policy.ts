import type { DraftLimits } from '../draft/decide.ts'
import type { RoomSettings } from '../room/settings.ts'

/** What a content hook says: fine, or why not. The reason is told to the author. */
export type ContentVerdict = { readonly allowed: true } | { readonly allowed: false; readonly reason: string }

/** Who may come into a room, and what one finds there. */
export interface RoomEntry {
  /** May somebody make or enter it by joining? */
  readonly open: boolean
  /** So many at a time: 2 makes it a direct talk. */
  readonly limit: number
  /** May one who joins read what was said before? */
  readonly history: boolean
  /** Are drafts shown to observers? Who joins is told. */
  readonly observable: boolean
}

export const defaultRoomEntry: RoomEntry = {
  open: true,
  limit: Number.POSITIVE_INFINITY,
  history: false,
  observable: false,
}

/**
 * What a room's keeper decides. Called by whatever judges pushes, before the judgement, never inside it. Data where data
 * will do; `content` is the only hook here. A hook that throws counts as a refusal with `internal`: nothing is sent, the
 * draft stays.
 */
export interface Policy {
  /** The rules of a room; the answer for a room must stay the same while it is open. */
  room(room: string): Partial<RoomSettings>
  /** The drafts' limits in that room. */
  limits(room: string): Partial<DraftLimits>
  /** Who may come in. Absent: everybody, anywhere; nothing is shown of before, or of drafts. */
  entry?(room: string): Partial<RoomEntry>
  /** May `content` be said by `sender_id`? Absent: anything may. */
  content?(content: string, sender_id: string, room: string): ContentVerdict | Promise<ContentVerdict>
}

/** Rooms as the protocol has them by default. */
export const defaultPolicy: Policy = { room: () => ({}), limits: () => ({}) }
