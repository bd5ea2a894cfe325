/** `hold`: a push that would cross an unseen message is not sent. `annotate`: it is, and says what it crossed. */
export type RoomPolicy = 'hold' | 'annotate'

/** The numbers of a room's rules. Times in milliseconds. */
export interface RoomSettings {
  readonly policy: RoomPolicy
  /** Counted holds in a row that earn the floor. */
  readonly holds_for_floor: number
  /** How long a floor lasts. 60 s suits rooms of models, 30 s open rooms. */
  readonly floor_ms: number
  /** A name that had the floor and sent nothing rests this many times as long. */
  readonly idle_rest: number
  /** The longest that a push waits for somebody's floor. */
  readonly push_wait_ms: number
  /** The longest `timeout_ms` a caller may ask for. */
  readonly push_wait_max_ms: number
}

export const defaultRoomSettings: RoomSettings = {
  policy: 'hold',
  holds_for_floor: 3,
  floor_ms: 60_000,
  idle_rest: 10,
  push_wait_ms: 25_000,
  push_wait_max_ms: 240_000,
}
