/** How long to wait between attempts, in milliseconds. */
export interface Backoff {
  /** Before the first new attempt. */
  readonly minMs: number
  /** Never longer than this. */
  readonly maxMs: number
}

export const defaultBackoff: Backoff = { minMs: 500, maxMs: 15_000 }

/**
 * The wait before attempt `failures` + 1: doubling with each failure in a row (1, 2, …), and somewhere in the upper half
 * of that by chance, so that many readers of a server that comes back do not come back together.
 */
export function backoffDelay(failures: number, { minMs, maxMs }: Backoff, random: () => number): number {
  const full = Math.min(maxMs, minMs * 2 ** Math.min(Math.max(failures - 1, 0), 30))
  return full * (0.5 + random() / 2)
}
