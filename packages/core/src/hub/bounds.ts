/** How much a hub keeps in memory at once. */
export interface HubBounds {
  /**
   * Sessions, lapsed ones included. At the bound, a join ends the session that lapsed first; where none has lapsed, it is
   * refused with `unavailable`. Default 100,000.
   */
  readonly sessions: number
  /**
   * Rooms in memory. At the bound, the room that is idle for longest leaves memory; where none is idle, calls that need
   * another room are refused with `unavailable`. Default 20,000.
   */
  readonly rooms: number
  /** Streams per session. A further one ends the oldest. Default 10. */
  readonly streams: number
  /** Calls of one session that are not answered yet. Further ones are refused with `rate-limited`. Default 1000. */
  readonly calls: number
  /** Observers per room. Further ones are refused with `unavailable`. Default 100. */
  readonly observers: number
  /** Watchers of the score of a room. Further ones are refused with `unavailable`. Default 1000. */
  readonly watchers: number
  /** Listed rooms that the list still shows when they are not in memory. A further one replaces the oldest. Default 1000. */
  readonly listed_rooms: number
  /** Bans of removed names. A further one replaces the one that ends first. Default 10,000. */
  readonly bans: number
  /** Rooms closed by an admin. Further ones are refused with `unavailable`. Default 10,000. */
  readonly closed_rooms: number
  /** Rooms that stay hushed while they are not in memory. A further one replaces the oldest. Default 10,000. */
  readonly hushed_rooms: number
}

export const defaultBounds: HubBounds = {
  sessions: 100_000,
  rooms: 20_000,
  streams: 10,
  calls: 1000,
  observers: 100,
  watchers: 1000,
  listed_rooms: 1000,
  bans: 10_000,
  closed_rooms: 10_000,
  hushed_rooms: 10_000,
}
