import type { AsyncChatRoom } from '@midsentence/client'
import { serveStdio } from '@modelcontextprotocol/server/stdio'
import { type HostedRoomOptions, hostedRoomClient } from './hosted-room-client.ts'
import { localRoomClient } from './local-room-client.ts'
import { mcpServer } from './mcp-server.ts'

export interface McpStdioOptions {
  /** Who takes part: a participant of this process, or a session that a server hosts. */
  readonly room: AsyncChatRoom | HostedRoomOptions
  readonly version: string
  /** Is told what went wrong beside the calls. Standard output is the wire: print to standard error. */
  onError?(error: Error): void
}

/** Serves MCP over this process's standard input and output. One process is one participant. */
export function mcpStdio({ room: who, version, onError: fault }: McpStdioOptions): { close(): Promise<void> } {
  const seat = 'token' in who ? hostedRoomClient(who) : localRoomClient(who)
  return serveStdio(() => mcpServer(seat, version), fault ? { onerror: fault } : {})
}
