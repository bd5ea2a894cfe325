import { linkSignals } from '@midsentence/core'
import type { RoomFeed } from '../events/room-feed.ts'
import { callsFor, type RequestId, remember } from './running-calls.ts'

/** How long a cancellation is remembered that came before its call, in milliseconds: requests can overtake each other. */
const EARLY_MS = 5000

export interface CancellableCall {
  /** Aborts with the signal of the request, and at a cancellation of its id. */
  readonly signal: AbortSignal
  /** Ends the call. `giveAgain` is called if a cancellation came since its result was made, or comes after the answer. */
  end(giveAgain?: () => void): void
}

/** Registers a call until its end. */
export function cancellable(feed: RoomFeed, id: RequestId, signal: AbortSignal): CancellableCall {
  const { running, answered, early } = callsFor(feed)
  const linked = linkSignals([signal])
  const cancel = () => linked.abort()
  // A host that began again may use the id of an earlier call.
  answered.delete(id)
  running.set(id, cancel)
  const cancelledAt = early.get(id)
  early.delete(id)
  if (cancelledAt !== undefined && performance.now() - cancelledAt < EARLY_MS) cancel()
  return {
    signal: linked.signal,
    end(giveAgain) {
      linked.unlink()
      if (giveAgain && linked.signal.aborted) giveAgain()
      if (running.get(id) !== cancel) return
      running.delete(id)
      if (giveAgain && !linked.signal.aborted) remember(answered, id, giveAgain)
    },
  }
}
