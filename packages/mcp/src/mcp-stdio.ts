import type { AsyncChatRoom } from '@midsentence/client'
import { serveStdio } from '@modelcontextprotocol/server/stdio'
import type { HostedRoomOptions } from './hosted-room-client.ts'
import { lazyRoomClient } from './lazy-room-client.ts'
import { mcpServer } from './mcp-server.ts'
import type { RoomClient } from './room-client.ts'

export interface McpStdioOptions {
  /**
   * A participant of this process, or the token of a session that a server hosts. A function is called at the first tool
   * call.
   */
  readonly room: AsyncChatRoom | HostedRoomOptions | (() => Promise<AsyncChatRoom>)
  readonly version: string
  /** Receives errors that no call can report. Print them to standard error: standard output carries the protocol. */
  onError?(error: Error): void
}

/** Serves MCP on standard input and output of this process, which is one participant. */
export function mcpStdio({ room, version, onError }: McpStdioOptions): { close(): Promise<void> } {
  const client = lazyRoomClient(() => openClient(room))
  return serveStdio(() => mcpServer(client, version), onError ? { onerror: onError } : {})
}

async function openClient(room: McpStdioOptions['room']): Promise<RoomClient> {
  if ('token' in room) return (await import('./hosted-room-client.ts')).hostedRoomClient(room)
  const { localRoomClient } = await import('./local-room-client.ts')
  return localRoomClient(typeof room === 'function' ? await room() : room)
}
