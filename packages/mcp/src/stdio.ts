import type { AsyncChatRoom } from '@midsentence/client'
import { serveStdio } from '@modelcontextprotocol/server/stdio'
import { type HostedOptions, hostedSeat } from './hosted-seat.ts'
import { localSeat } from './local-seat.ts'
import { mcpServer } from './mcp-server.ts'

export interface StdioOptions {
  /** Who takes part: a participant of this process, or a session that a server hosts. */
  readonly who: AsyncChatRoom | HostedOptions
  readonly version: string
  /** Is told what went wrong beside the calls. Standard output is the wire: print to standard error. */
  fault?(error: Error): void
}

/** Serves MCP over this process's standard input and output. One process is one participant. */
export function mcpStdio({ who, version, fault }: StdioOptions): { close(): Promise<void> } {
  const seat = 'token' in who ? hostedSeat(who) : localSeat(who)
  return serveStdio(() => mcpServer(seat, version), fault ? { onerror: fault } : {})
}
