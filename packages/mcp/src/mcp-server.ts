import type { Clock } from '@midsentence/core'
import { McpServer, type Transport } from '@modelcontextprotocol/server'
import { CHANNEL_CAPABILITY } from './events/channel-capability.ts'
import type { EventsOptions } from './events/events-options.ts'
import { serveEvents } from './events/serve-events.ts'
import { instructions, takePartPrompt } from './instructions.ts'
import { shortenErrors } from './malformed-messages.ts'
import { noValidation } from './no-validation.ts'
import type { RoomClient } from './room-client.ts'
import { acceptAnyArguments } from './tools/argument-form.ts'
import { type McpToolOptions, registerTools } from './tools/register-tools.ts'
import { cancelCall, watchCancellations } from './tools/running-calls.ts'
import { prefixNames } from './tools/tool-prefix.ts'

/** URI of the transcript resource. */
export const TRANSCRIPT_URI = 'midsentence://transcript'

export interface McpServerOptions extends McpToolOptions {
  /** Webhook subscriptions, and the principal that asks. Default: none, as over stdio. */
  readonly webhooks?: EventsOptions['webhooks']
  /** Declares a channel, which wakes Claude Code. Default false. */
  readonly channel?: boolean
  /** Time of events. Default `systemClock()`. */
  readonly clock?: Clock
}

class RoomMcpServer extends McpServer {
  /** Handles the cancellation of a request, which may belong to another connection or have its answer. */
  onCancelled: (id: string | number) => void = () => {}

  override async connect(transport: Transport): Promise<void> {
    await super.connect(transport)
    acceptAnyArguments(transport)
    shortenErrors(transport)
    watchCancellations(transport, id => this.onCancelled(id))
  }
}

/** Creates an MCP server for the room of `client`: one per connection, or one per request over HTTP. */
export function mcpServer(
  client: RoomClient,
  version: string,
  { webhooks, channel = false, clock, ...options }: McpServerOptions = {},
): McpServer {
  const { toolPrefix = '' } = options
  const server = new RoomMcpServer(
    { name: 'midsentence', title: 'midsentence', version },
    {
      capabilities: {
        ...{ tools: {}, resources: {}, prompts: {} },
        ...(channel && { experimental: { [CHANNEL_CAPABILITY]: {} } }),
      },
      instructions: prefixNames(instructions, toolPrefix),
      jsonSchemaValidator: noValidation,
    },
  )
  server.onCancelled = id => {
    if (!cancelCall(client.feed, id)) void client.endCheckElsewhere?.()
  }
  registerTools(server, client, options)
  server.registerResource(
    'transcript',
    TRANSCRIPT_URI,
    {
      title: 'Transcript',
      description: 'What was said in the room, as far as you were given it.',
      mimeType: 'text/plain',
    },
    async uri => {
      const { readTranscript } = await import('./read-transcript.ts')
      return { contents: [{ uri: uri.href, mimeType: 'text/plain', text: await readTranscript(client) }] }
    },
  )
  serveEvents(server, { feed: client.feed, ...(webhooks && { webhooks }), ...(clock && { clock }) })
  const prompt = { title: 'Take part', description: 'How to take part in the room.' }
  server.registerPrompt('take_part', prompt, () => ({
    messages: [{ role: 'user', content: { type: 'text', text: prefixNames(takePartPrompt, toolPrefix) } }],
  }))
  return server
}
