import type { ToolResult } from '@midsentence/agent/tools'
import type { CallToolResult } from '@modelcontextprotocol/server'

/** Converts a tool result to MCP: its text alone, which says everything. Hosts show a model structured content in its place. */
export const textContent = ({ text, failed }: ToolResult): CallToolResult => ({
  content: [{ type: 'text' as const, text }],
  ...(failed && { isError: true }),
})

/**
 * Converts a tool result to MCP with structured content, for programs. Hosts may pass that to models, so it is without `meta`,
 * which is for applications, and with escapes for what does not show.
 */
export async function structuredContent(result: ToolResult): Promise<CallToolResult> {
  const { data, failed } = result
  if (failed || !data) return { ...textContent(result), isError: true }
  if (!('messages' in data)) return { ...textContent(result), structuredContent: { ...data } }
  // Loaded here, because a host waits for the first answers, and a tool has loaded it.
  const { withoutHidden } = await import('@midsentence/client')
  const messages = data.messages.map(({ seq, sender_id, content, timestamp }) => ({
    seq,
    sender_id: withoutHidden(sender_id),
    content: withoutHidden(content),
    timestamp,
  }))
  return { ...textContent(result), structuredContent: { ...data, messages } }
}
