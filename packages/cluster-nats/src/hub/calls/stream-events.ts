import type { PresenceChange, RoomListener, ScoreListener } from '@midsentence/core/hub'

type Changes = ReadonlyMap<string, PresenceChange>

const encoded = new WeakMap<Changes, readonly unknown[]>()

/** Returns the entries of a map, the same for the same map, so that streams share an event. */
function entriesOf(changes: Changes): readonly unknown[] {
  let entries = encoded.get(changes)
  if (!entries) {
    entries = [...changes]
    encoded.set(changes, entries)
  }
  return entries
}

/** Returns the value of an event as its listener takes it. */
export const decodeValue = (kind: string, value: unknown): unknown =>
  kind === 'presence' || kind === 'writing' ? new Map(value as [string, PresenceChange][]) : value

/** How many batches are in flight to a listener elsewhere before it has to say that it took some. */
const MAX_IN_FLIGHT = 16
/** After how many batches it says so. */
export const TAKEN_EVERY = 8

/** A listener for a stream of another server. `send` sends an event there. */
export class SendingListener implements RoomListener, ScoreListener {
  readonly #send: (kind: string, value: unknown) => void
  readonly #ended: () => void
  #inFlight = 0

  /** `ended` is called when the stream is over. */
  constructor(send: (kind: string, value: unknown) => void, ended: () => void) {
    this.#send = send
    this.#ended = ended
  }

  messages(batch: Parameters<RoomListener['messages']>[0]): boolean {
    return this.#batch('messages', batch)
  }

  records(batch: Parameters<ScoreListener['records']>[0]): boolean {
    return this.#batch('records', batch)
  }

  missed(from: number, to: number): void {
    this.#send('missed', [from, to])
  }

  presence(changes: Changes): void {
    this.#send('presence', entriesOf(changes))
  }

  writing(changes: Changes): void {
    this.#send('writing', entriesOf(changes))
  }

  hush(on: boolean): void {
    this.#send('hush', on)
  }

  watchers(watchers: number): void {
    this.#send('watchers', watchers)
  }

  ended(reason: string): void {
    this.#send('ended', reason)
    this.#ended()
  }

  /** The other side took some batches. Returns whether a paused stream goes on. */
  taken(batches: number): boolean {
    const wasFull = this.#inFlight >= MAX_IN_FLIGHT
    this.#inFlight -= batches
    return wasFull && this.#inFlight < MAX_IN_FLIGHT
  }

  #batch(kind: string, batch: readonly unknown[]): boolean {
    this.#send(kind, batch)
    return ++this.#inFlight < MAX_IN_FLIGHT
  }
}
