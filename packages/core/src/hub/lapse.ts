import type { Seat } from './seat.ts'

/** How long what is remembered, in milliseconds. */
export interface SessionTimes {
  /** Without a stream, a call or an action for so long one shows as away. */
  readonly away_ms: number
  /** After that a session without a secret loses its name. */
  readonly lapse_ms: number
  /** A session that was never used is dropped. */
  readonly unused_ms: number
  /** A session with a secret lives so long after it was last used. */
  readonly session_ms: number
}

export const defaultTimes: SessionTimes = {
  away_ms: 30_000,
  lapse_ms: 60_000,
  unused_ms: 60_000,
  session_ms: 24 * 60 * 60 * 1000,
}

/** When a seat shows as away, if nothing is heard of it until then. */
export const awayAt = ({ last }: Seat, { away_ms }: SessionTimes): number => last + away_ms

/** When a seat is given up, if nothing is heard of it until then. `asked`: somebody else would like to have its name. */
export function lapsesAt(seat: Seat, times: SessionTimes, asked = false): number {
  const { last, used, secret, dialect } = seat
  if (!used) return last + times.unused_ms
  // Old clients that only send say nothing for hours: their names are free for whoever asks, and stay theirs otherwise.
  if (secret !== undefined || (dialect && !asked)) return last + times.session_ms
  return last + times.away_ms + times.lapse_ms
}
