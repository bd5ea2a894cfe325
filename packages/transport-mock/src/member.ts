import type {
  Clock,
  Inbound,
  MidsentenceError,
  PublishRequest,
  RoomSettings,
  Seq,
  Session,
  Verdict,
} from '@midsentence/core'

/** A room as its peers see it. */
export interface RoomSide {
  readonly name: string
  readonly clock: Clock
  readonly settings: RoomSettings
  /** How long a frame travels, in milliseconds. */
  readonly latency: number
  /** A session for `username`: the one it had, or a new one. Throws where the name is taken. */
  join(username: string, resume: Session | undefined): { readonly member: Member; readonly resumed: boolean }
}

/** A member's side of the room, as its peer's wire sees it. */
export interface Member {
  readonly session: Session
  readonly head: Seq
  publish(request: PublishRequest, answer: (frame: Verdict | MidsentenceError) => void): void
  replay(after: Seq): void
  yield(): void
  leave(): void
  /** The peer's line is up or down: frames go out, or wait to be asked for. */
  listen(send: ((item: Inbound) => void) | undefined): void
}
