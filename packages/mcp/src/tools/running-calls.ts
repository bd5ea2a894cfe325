import { linkSignals } from '@midsentence/core'
import type { RoomFeed } from '../events/room-feed.ts'

/** The running calls and event streams of each participant by request id, so that any instance can cancel them. */
const running = new WeakMap<RoomFeed, Map<string | number, () => void>>()

/** Cancels a running call, which another server for the same participant may have begun. Returns whether it runs here. */
export function cancelCall(feed: RoomFeed, id: string | number): boolean {
  const cancel = running.get(feed)?.get(id)
  cancel?.()
  return cancel !== undefined
}

/** Registers a call until `end`. The signal aborts with `signal`, and at a cancel of `id`. */
export function cancellable(feed: RoomFeed, id: string | number, signal: AbortSignal) {
  const calls = running.get(feed) ?? new Map<string | number, () => void>()
  running.set(feed, calls)
  const linked = linkSignals([signal])
  const cancel = () => linked.abort()
  calls.set(id, cancel)
  const end = () => {
    linked.unlink()
    if (calls.get(id) === cancel) calls.delete(id)
  }
  return { signal: linked.signal, end }
}
