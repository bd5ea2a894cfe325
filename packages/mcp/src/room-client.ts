import type { ToolName, ToolResult } from '@midsentence/agent/tools'
import type { Message } from '@midsentence/core'
import type { RoomFeed } from './events/room-feed.ts'

/** Runs the tools of one participant and keeps its transcript. */
export interface RoomClient {
  /** Runs a tool. Calls take effect in order. Rejects only when its signal aborts. */
  call(tool: ToolName, args: unknown, signal: AbortSignal): Promise<ToolResult>
  /** Tells that the host has not taken a result: the next one shows its messages. */
  giveAgain(result: ToolResult): void
  /** Ends a check of the same participant that waits in another process, because its caller has cancelled it. Never rejects. */
  endCheckElsewhere?(): Promise<void>
  /** Resolves with the delivered messages, own ones included, oldest first. Moves no cursor. */
  transcript(): Promise<readonly Message[]>
  /** Reads the room for events, without moving what the model has read. */
  readonly feed: RoomFeed
  /** Releases the participant. Idempotent, never rejects. */
  close(): Promise<void>
}

/** Most messages in a transcript. */
export const TRANSCRIPT_LIMIT = 200
