/** The times of a cluster, in milliseconds, on each server's own monotonic clock. */
export interface ClusterTimes {
  /** How often a server renews its entry, and reads those of the others. */
  readonly renew_ms: number
  /** How long a server answers after it began the last renewal that was confirmed. */
  readonly term_ms: number
  /**
   * After how long without a renewal another server takes a server's rooms. It is above `term_ms` by more than clocks differ in
   * speed: only then a server has stopped answering before its rooms are answered elsewhere.
   */
  readonly dead_ms: number
  /** How long a call waits for its room's owner to be found. */
  readonly locate_ms: number
}

export const defaultClusterTimes: ClusterTimes = { renew_ms: 750, term_ms: 2500, dead_ms: 3750, locate_ms: 15_000 }
