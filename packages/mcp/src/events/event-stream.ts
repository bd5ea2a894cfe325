import type { Clock } from '@midsentence/core'
import { formatCursor, type LogPosition } from './log-position.ts'
import { eventErrors, type MessageFilter, toEvent, wants } from './message-event.ts'
import type { RoomReading } from './room-feed.ts'

/** Longest time without a notification, in milliseconds. A client takes a stream for dead after twice that. */
export const HEARTBEAT_MS = 25_000

export interface EventStreamOptions {
  readonly reading: RoomReading
  readonly filter: MessageFilter
  /** Where the stream begins. */
  readonly after: LogPosition
  /** Messages before the first one were left out already. */
  readonly truncated: boolean
  readonly clock: Clock
  readonly signal: AbortSignal
  notify(method: string, params: Record<string, unknown>): Promise<void>
}

/** Sends the messages of a room as notifications until the signal aborts or the session ends. */
export async function streamEvents(options: EventStreamOptions): Promise<void> {
  const { reading, filter, clock, signal } = options
  const { recent, room, name } = reading
  let position = options.after
  let sentAt = 0
  const notify = (method: string, params: Record<string, unknown>) => {
    sentAt = clock.monotonic()
    return options.notify(method, params)
  }
  await notify('active', { cursor: formatCursor(position), truncated: options.truncated })
  while (!signal.aborted) {
    const page = recent.after(position, 100)
    position = page.from
    if (page.truncated) await notify('active', { cursor: formatCursor(position), truncated: true })
    for (const message of page.messages) {
      position = { ...position, seq: message.seq }
      if (wants(filter, message, name)) await notify('event', toEvent(message, room, position))
    }
    // Messages that it does not want keep a client from no heartbeat.
    const quietMs = clock.monotonic() - sentAt
    if (quietMs >= HEARTBEAT_MS) await notify('heartbeat', { cursor: formatCursor(position) })
    if (page.messages.length > 0) continue
    if (recent.ended) {
      const error = { code: eventErrors.forbidden, message: recent.ended.message }
      return notify('terminated', { error })
    }
    await recent.wait(position, HEARTBEAT_MS - (clock.monotonic() - sentAt), clock, signal)
  }
}
