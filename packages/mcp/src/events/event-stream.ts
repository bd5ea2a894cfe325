import type { Clock, Seq } from '@midsentence/core'
import { eventErrors, type MessageFilter, toEvent, wants } from './message-event.ts'
import type { RoomReading } from './room-feed.ts'

/** Time between heartbeats of a quiet stream, in milliseconds. */
export const HEARTBEAT_MS = 25_000

export interface EventStreamOptions {
  readonly reading: RoomReading
  readonly filter: MessageFilter
  /** The seq after which the stream begins. */
  readonly after: Seq
  /** Messages before the first one were left out already. */
  readonly truncated: boolean
  readonly clock: Clock
  readonly signal: AbortSignal
  notify(method: string, params: Record<string, unknown>): Promise<void>
}

/** Sends the messages of a room as notifications until the signal aborts or the session ends. */
export async function streamEvents(options: EventStreamOptions): Promise<void> {
  const { reading, filter, after, clock, signal, notify } = options
  const { recent, room, name } = reading
  let position = after
  await notify('active', { cursor: String(position), truncated: options.truncated })
  while (!signal.aborted) {
    const page = recent.after(position, 100)
    if (page.truncated) {
      position = recent.start
      await notify('active', { cursor: String(position), truncated: true })
    }
    for (const message of page.messages) {
      position = message.seq
      if (wants(filter, message, name)) await notify('event', toEvent(message, room, position))
    }
    if (page.messages.length > 0) continue
    if (recent.ended) {
      const error = { code: eventErrors.forbidden, message: recent.ended.message }
      return notify('terminated', { error })
    }
    const isMore = await recent.wait(position, HEARTBEAT_MS, clock, signal)
    if (!isMore && !signal.aborted) await notify('heartbeat', { cursor: String(position) })
  }
}
