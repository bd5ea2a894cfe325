import type { AsyncChatRoom } from '@midsentence/client'
import { serveStdio } from '@modelcontextprotocol/server/stdio'
import { type HostedRoomOptions, hostedRoomClient } from './hosted-room-client.ts'
import { localRoomClient } from './local-room-client.ts'
import { mcpServer } from './mcp-server.ts'

export interface McpStdioOptions {
  /** A participant of this process, or the token of a session that a server hosts. */
  readonly room: AsyncChatRoom | HostedRoomOptions
  readonly version: string
  /** Receives errors that no call can report. Print them to standard error: standard output carries the protocol. */
  onError?(error: Error): void
}

/** Serves MCP on standard input and output of this process, which is one participant. */
export function mcpStdio({ room, version, onError }: McpStdioOptions): { close(): Promise<void> } {
  const client = 'token' in room ? hostedRoomClient(room) : localRoomClient(room)
  return serveStdio(() => mcpServer(client, version), onError ? { onerror: onError } : {})
}
