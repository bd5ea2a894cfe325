import { type ToolName, toolDefinitions } from '@midsentence/agent/definitions'
import type { ToolResult } from '@midsentence/agent/tools'
import type { Message } from '@midsentence/core'
import { fromJsonSchema, type JsonSchemaType, McpServer, type ToolAnnotations } from '@modelcontextprotocol/server'
import { instructions, takePartPrompt } from './instructions.ts'
import type { RoomClient } from './room-client.ts'

/** URI of the transcript resource. */
export const TRANSCRIPT_URI = 'midsentence://transcript'

/** Hints about a tool that a host may show before a call. */
const annotations: Readonly<Record<ToolName, ToolAnnotations>> = {
  append: { readOnlyHint: false, destructiveHint: false, idempotentHint: false, openWorldHint: false },
  undo: { readOnlyHint: false, destructiveHint: true, idempotentHint: false, openWorldHint: false },
  push: { readOnlyHint: false, destructiveHint: false, idempotentHint: false, openWorldHint: true },
  reset: { readOnlyHint: false, destructiveHint: true, idempotentHint: true, openWorldHint: false },
  check: { readOnlyHint: true, openWorldHint: true },
  preview: { readOnlyHint: true, openWorldHint: false },
  who: { readOnlyHint: true, openWorldHint: false },
}

const resultSchema: JsonSchemaType = {
  type: 'object',
  properties: {
    status: { type: 'integer', description: '1 done, 2 partly done, 0 nothing done.' },
    messages: {
      type: 'array',
      description: 'What others said meanwhile, oldest first, each once.',
      items: {
        type: 'object',
        properties: {
          seq: { type: 'integer' },
          sender_id: { type: 'string' },
          content: { type: 'string' },
          timestamp: { type: 'string' },
        },
        required: ['seq', 'sender_id', 'content', 'timestamp'],
      },
    },
    held: { type: 'boolean', description: 'Nothing was sent: somebody spoke first. The draft is kept.' },
    draft: { type: 'string' },
    present: { type: 'array', items: { type: 'string' } },
  },
}

/** Creates an MCP server for the room of `client`: one per connection, or one per request over HTTP. */
export function mcpServer(client: RoomClient, version: string): McpServer {
  const server = new McpServer(
    { name: 'midsentence', title: 'midsentence', version },
    { capabilities: { tools: {}, resources: {}, prompts: {} }, instructions },
  )
  for (const { name, title, description, parameters } of toolDefinitions) {
    const config = {
      title,
      description,
      inputSchema: fromJsonSchema(parameters as unknown as JsonSchemaType),
      outputSchema: fromJsonSchema(resultSchema),
      annotations: { title, ...annotations[name] },
    }
    server.registerTool(name, config, async (args, { mcpReq }) =>
      toMcpContent(await client.call(name, args, mcpReq.signal)),
    )
  }
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
  const prompt = { title: 'Take part', description: 'How to take part in the room.' }
  server.registerPrompt('take_part', prompt, () => ({
    messages: [{ role: 'user', content: { type: 'text', text: takePartPrompt } }],
  }))
  return server
}

/** Converts a tool result to MCP: the text for the model, and the same as structured content. */
function toMcpContent({ text, data, failed }: ToolResult) {
  const content = [{ type: 'text' as const, text }]
  if (failed || !data) return { content, isError: true }
  const messages = 'messages' in data ? { messages: data.messages.map(withoutMeta) } : {}
  return { content, structuredContent: { ...data, ...messages } }
}

/** Drops `meta`, which is for applications and not for models. */
const withoutMeta = ({ seq, sender_id, content, timestamp }: Message) => ({ seq, sender_id, content, timestamp })
