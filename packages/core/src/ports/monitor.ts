/**
 * Who counts what happens in a hub, for whoever keeps it. Every method is called in the middle of the work, some of them
 * for every message: it takes next to no time and must not throw. Nothing here says who said what.
 */
export interface Monitor {
  /** A message is in its room's log; it crossed so many of others. */
  sent(crossed: number): void
  /** A push was held: for what its author had not seen, or because somebody's floor lasted longer than it would wait. */
  held(why: 'unseen' | 'floor'): void
  floorGranted(): void
  floorEnded(why: 'sent' | 'yielded' | 'left' | 'time'): void
  /** So many messages were handed to one listener together. */
  delivered(messages: number): void
  /** A listener takes nothing for now. */
  stalled(): void
  /** A room's log wrote so many records together, in so many milliseconds. */
  committed(ms: number, records: number): void
  /** A session began. */
  joined(session: string, room: string): void
  /** A session ended, and why, as a sentence. */
  left(session: string, room: string, reason: string): void
  /** Something was refused that might have been: a rate, a loop, a content policy, a credential. */
  refused(what: 'rate' | 'loop' | 'content' | 'entry', room: string): void
}

/** Counts nothing. */
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
}
