import { renderMessages, withoutHidden } from '@midsentence/client'
import { type Clock, systemClock } from '@midsentence/core'
import type { McpServer } from '@modelcontextprotocol/server'
import { CHANNEL_CAPABILITY } from './channel-capability.ts'
import { wants } from './message-event.ts'
import type { RoomFeed } from './room-feed.ts'

export interface ChannelOptions {
  readonly feed: RoomFeed
  readonly clock?: Clock
  readonly signal: AbortSignal
  onError?(error: Error): void
}

/** Longest wait for a message before the channel looks again, in milliseconds. */
const WAIT_MS = 3_600_000
/** Wait before the room is tried again, in milliseconds. */
const RETRY_MS = 15_000

/**
 * Sends each message of others as a notification that wakes Claude Code, until the signal aborts. Waking does not count as
 * reading. Never rejects.
 */
export async function runChannel(mcp: McpServer, options: ChannelOptions): Promise<void> {
  const { feed, clock = systemClock(), signal, onError = () => {} } = options
  while (!signal.aborted) {
    try {
      await sendMessages(mcp, feed, clock, signal)
    } catch (error) {
      onError(error as Error)
    }
    await new Promise<void>(resolve => {
      const settle = () => {
        cancel()
        signal.removeEventListener('abort', settle)
        resolve()
      }
      const cancel = clock.after(RETRY_MS, settle)
      signal.addEventListener('abort', settle, { once: true })
    })
  }
}

async function sendMessages({ server }: McpServer, feed: RoomFeed, clock: Clock, signal: AbortSignal): Promise<void> {
  const { recent, name, room, cursor, release } = await feed.read()
  try {
    let position = cursor
    while (!signal.aborted && !recent.ended) {
      const { messages, from } = recent.after(position)
      position = from
      for (const message of messages) {
        position = { ...from, seq: message.seq }
        if (!wants({ only_mentions: false, only_people: false }, message, name)) continue
        const meta = {
          room: escapeTags(room),
          seq: String(message.seq),
          sender: escapeTags(withoutHidden(message.sender_id)),
        }
        const params = { content: escapeTags(renderMessages([message])), meta }
        await server.notification({ method: `notifications/${CHANNEL_CAPABILITY}`, params })
      }
      if (messages.length === 0) await recent.wait(position, WAIT_MS, clock, signal)
    }
  } finally {
    release()
  }
}

/** Replaces `<` and `"`, so that nothing can end the tag or an attribute that Claude Code puts around it. */
const escapeTags = (text: string): string => text.replaceAll('<', '＜').replaceAll('"', '＂')
