/**
 * Counts what happens in a hub, for example for metrics. The hub calls it synchronously, some methods once a message:
 * an implementation must be fast and must not throw. No method receives a message's text.
 */
export interface Monitor {
  /** Counts a message written to its room's log. `crossed`: the number of messages it crossed. */
  sent(crossed: number): void
  /** Counts a held push: its author had not seen a message, or it waited for a floor until its time-out. */
  held(why: 'unseen' | 'floor'): void
  floorGranted(): void
  floorEnded(why: 'sent' | 'yielded' | 'left' | 'time'): void
  /** Counts one batch of `messages` messages handed to one listener. */
  delivered(messages: number): void
  /** Counts a listener that stopped accepting messages. */
  stalled(): void
  /** Counts one write to a room's log: its duration in milliseconds and its number of records. */
  committed(ms: number, records: number): void
  /** Reports a new session. */
  joined(session: string, room: string): void
  /** Reports the end of a session. `reason` is a sentence. */
  left(session: string, room: string, reason: string): void
  /** Counts a refusal: by a rate limit, the loop guard, the content policy or `Policy.admit`. */
  refused(what: 'rate' | 'loop' | 'content' | 'entry', room: string): void
  /** Reports that records of a score could not be written and are lost. Once until records of the room are written again. */
  scoreFailed(room: string, cause: unknown): void
  /**
   * In a cluster: reports that this server answers nothing for its `rooms` rooms, since it could not renew its lease.
   * `evicted`: other servers removed its entry, and may take them.
   */
  leaseLost?(rooms: number, evicted: boolean): void
  /** In a cluster: reports that this server answers again, `ms` milliseconds after `leaseLost`. `evicted` as there. */
  leaseRegained?(ms: number, evicted: boolean): void
  /** In a cluster: reports that this server evicted the server `name`, after `silentMs` milliseconds without a renewal. */
  serverEvicted?(name: string, silentMs: number): void
}

/** A monitor that counts nothing. */
export const noopMonitor: Monitor = {
  sent: () => {},
  held: () => {},
  floorGranted: () => {},
  floorEnded: () => {},
  delivered: () => {},
  stalled: () => {},
  committed: () => {},
  joined: () => {},
  left: () => {},
  refused: () => {},
  scoreFailed: () => {},
}
