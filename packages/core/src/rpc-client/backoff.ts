/** The waits between connection attempts, in milliseconds. */
export interface Backoff {
  /** The wait before the first retry. Default 500. */
  readonly minMs: number
  /** The longest wait. Default 15,000. */
  readonly maxMs: number
}

export const defaultBackoff: Backoff = { minMs: 500, maxMs: 15_000 }

/**
 * Returns the wait before the next attempt, after `failures` failures in a row (1, 2, …). It doubles with each failure and is
 * random within its upper half, so that the clients of a restarted server do not reconnect together.
 */
export function backoffDelay(failures: number, { minMs, maxMs }: Backoff, random: () => number): number {
  const full = Math.min(maxMs, minMs * 2 ** Math.min(Math.max(failures - 1, 0), 30))
  return full * (0.5 + random() / 2)
}
