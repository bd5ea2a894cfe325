import type { Cancel, Clock } from '../ports/clock.ts'
import type { Session } from './session/session.ts'

/** Time between two rounds of changes in a room, in milliseconds. */
const ROUND_MS = 1000
/** Most changes in one round. The next round sends the others. */
const MAX_CHANGES = 20

interface WriterState {
  /** When its draft last changed, on the monotonic clock. */
  changedAt: number
  /** Whether it writes a draft that is kept elsewhere. */
  elsewhere: boolean
  /** Whether the readers were told that it writes. */
  shown: boolean
}

/**
 * Finds out who is writing in a room, and sends the changes in rounds: at most one change per participant and second, and
 * 20 per room. A draft that is sent within a second causes none.
 */
export class TypingIndicator {
  readonly #clock: Clock
  readonly #writingMs: number
  readonly #send: (changes: ReadonlyMap<string, boolean>) => void
  readonly #writers = new Map<Session, WriterState>()
  #lastRound = Number.NEGATIVE_INFINITY
  #next: { readonly at: number; readonly cancel: Cancel } | undefined
  #closed = false

  /** A participant counts as writing for `writingMs` after its draft changed. `send` gets the changes of a round by name. */
  constructor(clock: Clock, writingMs: number, send: (changes: ReadonlyMap<string, boolean>) => void) {
    this.#clock = clock
    this.#writingMs = writingMs
    this.#send = send
  }

  get hasWriters(): boolean {
    return this.#writers.size > 0
  }

  isWriting(session: Session): boolean {
    const writer = this.#writers.get(session)
    if (!writer || this.#clock.monotonic() - writer.changedAt >= this.#writingMs) return false
    return writer.elsewhere || session.visibleDraft.head !== undefined
  }

  /** Tells whether the readers know that `session` writes. */
  isShown(session: Session): boolean {
    return this.#writers.get(session)?.shown === true
  }

  /** Call when a draft changes. `elsewhere`: its author said whether it writes a draft that is kept elsewhere. */
  changed(session: Session, elsewhere?: boolean): void {
    if (!session.room.access.typing_indicator || session.persisted.typing_indicator === false) return
    const changedAt = this.#clock.monotonic()
    const writer = this.#writers.get(session)
    if (writer) {
      writer.changedAt = changedAt
      writer.elsewhere = elsewhere ?? writer.elsewhere
    } else this.#writers.set(session, { changedAt, elsewhere: elsewhere === true, shown: false })
    // A client waits for a second before it says that it writes.
    this.#wakeIn(elsewhere === undefined ? ROUND_MS : 0)
  }

  /** Call when a message of `session` is in the room. */
  sent(session: Session): void {
    const writer = this.#writers.get(session)
    if (!writer) return
    writer.changedAt = Number.NEGATIVE_INFINITY
    writer.elsewhere = false
    if (writer.shown) this.#wakeIn(0)
    else this.#writers.delete(session)
  }

  /** Call when `session` is away or has left. */
  gone(session: Session): void {
    this.#writers.delete(session)
  }

  close(): void {
    this.#closed = true
    this.#next?.cancel()
  }

  #wakeIn(ms: number): void {
    const now = this.#clock.monotonic()
    const at = Math.max(now + ms, this.#lastRound + ROUND_MS)
    if (this.#closed || (this.#next && this.#next.at <= at)) return
    this.#next?.cancel()
    this.#next = { at, cancel: this.#clock.after(at - now, () => this.#round()) }
  }

  #round(): void {
    this.#next = undefined
    const now = this.#clock.monotonic()
    this.#lastRound = now
    const changes = new Map<string, boolean>()
    let nextAt = Number.POSITIVE_INFINITY
    for (const [session, writer] of [...this.#writers]) {
      const writing = this.isWriting(session)
      if (writing !== writer.shown && changes.size === MAX_CHANGES) {
        nextAt = now
        continue
      }
      if (writing !== writer.shown) {
        writer.shown = writing
        // Last in line for the next round.
        this.#writers.delete(session)
        this.#writers.set(session, writer)
        changes.set(session.joinResult.sender_id, writing)
      }
      if (writing) nextAt = Math.min(nextAt, writer.changedAt + this.#writingMs)
      else this.#writers.delete(session)
    }
    if (changes.size > 0) this.#send(changes)
    if (nextAt < Number.POSITIVE_INFINITY) this.#wakeIn(nextAt - now)
  }
}
