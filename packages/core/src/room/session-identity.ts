/** A session's identity, plain JSON. `token` and `secret` are secrets: never log them. */
export interface SessionIdentity {
  readonly session_id: string
  /** Authenticates every call of the session. */
  readonly token: string
  readonly room: string
  /** The participant's name in the room. */
  readonly sender_id: string
  /** The `RoomLog.id` that the session depends on. With another log the session no longer exists. */
  readonly log: string
  /** The secret given at join, if any: it opens the session again without the token. */
  readonly secret?: string
}
