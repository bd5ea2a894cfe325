/** `hold`: a push that would cross an unseen message is not sent. `annotate`: it is sent, with the seqs it crossed. */
export type RoomPolicy = 'hold' | 'annotate'

/** The settings of a room. Times in milliseconds. */
export interface RoomSettings {
  /** Whether a push that would cross a message is held, or sent with a list of what it crossed. Default `hold`. */
  readonly policy: RoomPolicy
  /** Consecutive counted holds after which a participant gets the floor. Default 3. */
  readonly holds_for_floor: number
  /** How long a floor lasts. Default 60,000; 30,000 suits open rooms. */
  readonly floor_ms: number
  /** After a floor without a message, the name gets no floor for this many times its duration. Default 10. */
  readonly idle_rest: number
  /** How long a push waits for another participant's floor. Default 25,000. */
  readonly push_wait_ms: number
  /** The longest `timeout_ms` a caller may request. Default 240,000. */
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
