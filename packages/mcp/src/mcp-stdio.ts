import type { RoomToolsOptions } from '@midsentence/agent/tools'
import { StdioServerTransport, serveStdio } from '@modelcontextprotocol/server/stdio'
import type { HostedRoomOptions } from './hosted/hosted-room-client.ts'
import { lazyRoomClient } from './lazy-room-client.ts'
import type { RoomSource } from './local-room-client.ts'
import { issueSentence } from './malformed-messages.ts'
import { mcpServer } from './mcp-server.ts'
import type { RoomClient } from './room-client.ts'
import { screenedInput } from './screened-input.ts'
import type { McpToolOptions } from './tools/register-tools.ts'

export type { RoomSource }

export interface McpStdioOptions extends McpToolOptions {
  /**
   * A participant of this process, or the token of a session that a server hosts. A function is called at the first tool
   * call.
   */
  readonly room: RoomSource | HostedRoomOptions | (() => Promise<RoomSource>)
  /** The name that the settings ask for: a model whose participant got another one reads so in its first result. */
  readonly askedName?: string
  readonly version: string
  /** Wakes Claude Code at each message of others, where it was started with this server as a channel. Default false. */
  readonly channel?: boolean
  /** Receives errors that no call can report. Print them to standard error: standard output carries the protocol. */
  onError?(error: Error): void
}

/** Serves MCP on standard input and output of this process, which is one participant. */
export function mcpStdio({ room, askedName, version, channel = false, onError, ...options }: McpStdioOptions): {
  close(): Promise<void>
} {
  const { checkMaxMs } = options
  const toolOptions = { ...(checkMaxMs !== undefined && { checkMaxMs }), ...(askedName !== undefined && { askedName }) }
  const client = lazyRoomClient(() => openClient(room, toolOptions))
  const closed = new AbortController()
  const create = () => {
    const server = mcpServer(client, version, { channel, ...options })
    if (channel) {
      server.server.oninitialized = () => {
        const options = { feed: client.feed, signal: closed.signal, ...(onError && { onError }) }
        void import('./events/channel.ts').then(({ runChannel }) => runChannel(server, options))
      }
    }
    return server
  }
  const input = screenedInput(message => void transport.send(message).catch(() => {}))
  const transport = new StdioServerTransport(process.stdin.pipe(input))
  const served = serveStdio(create, { transport, ...(onError && { onerror: error => onError(shortened(error)) }) })
  return {
    close: async () => {
      closed.abort()
      await served.close()
      process.stdin.unpipe(input).pause()
      // A participant of this process stays in its room, where the next process goes on.
      if ('token' in room) await client.close()
    },
  }
}

/** Says an error in a sentence, where the SDK lists the issues of its schema as JSON. */
function shortened(error: Error): Error {
  const sentence = issueSentence(error.message)
  return sentence === undefined ? error : new Error(sentence, { cause: error })
}

async function openClient(room: McpStdioOptions['room'], options: RoomToolsOptions): Promise<RoomClient> {
  if ('token' in room) {
    const { checkMaxMs } = options
    const { hostedRoomClient } = await import('./hosted/hosted-room-client.ts')
    return hostedRoomClient({ ...room, ...(checkMaxMs !== undefined && { checkMaxMs }), tellsDraft: true })
  }
  const { localRoomClient } = await import('./local-room-client.ts')
  return localRoomClient(typeof room === 'function' ? await room() : room, undefined, options)
}
