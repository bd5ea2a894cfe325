import type { Transport } from '@modelcontextprotocol/server'
import type { RoomFeed } from '../events/room-feed.ts'

export type RequestId = string | number

/** How many answered calls of a participant are remembered, and how many cancellations that came before their calls. */
const MAX_REMEMBERED = 50
/** The calls and event streams of one participant by request id, so that any instance can cancel them. */
interface RequestTable {
  readonly running: Map<RequestId, () => void>
  readonly answered: Map<RequestId, () => void>
  /** When a call was cancelled that had not begun. */
  readonly early: Map<RequestId, number>
}

const callsOf = new WeakMap<RoomFeed, RequestTable>()

/** Returns the calls of a participant. */
export function callsFor(feed: RoomFeed): RequestTable {
  const calls = callsOf.get(feed) ?? { running: new Map(), answered: new Map(), early: new Map() }
  callsOf.set(feed, calls)
  return calls
}

/** Adds an entry as the newest, and drops the oldest above the bound. */
export function remember<V>(entries: Map<RequestId, V>, id: RequestId, value: V): void {
  entries.delete(id)
  entries.set(id, value)
  if (entries.size > MAX_REMEMBERED) entries.delete(entries.keys().next().value!)
}

/**
 * Cancels a call, which another server for the same participant may have begun. If its answer crossed the cancellation, what
 * that gave is given again. Returns whether the call runs or ran here.
 */
export function cancelCall(feed: RoomFeed, id: RequestId): boolean {
  const { running, answered, early } = callsFor(feed)
  const act = running.get(id) ?? answered.get(id)
  answered.delete(id)
  if (act) act()
  else remember(early, id, performance.now())
  return act !== undefined
}

/** Calls `onCancelled` with the id of each cancelled request, from a connected transport: the SDK ignores those with an answer. */
export function watchCancellations(transport: Transport, onCancelled: (id: RequestId) => void): void {
  const receive = transport.onmessage
  if (!receive) return
  transport.onmessage = (message, extra) => {
    if ('method' in message && message.method === 'notifications/cancelled') {
      const id = message.params?.requestId
      if (typeof id === 'string' || typeof id === 'number') onCancelled(id)
    }
    receive(message, extra)
  }
}
