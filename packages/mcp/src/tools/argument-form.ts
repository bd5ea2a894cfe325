import type { ToolName, ToolResult } from '@midsentence/agent/tools'
import type { JSONRPCMessage, Transport } from '@modelcontextprotocol/server'

/**
 * Lets `arguments` of any form reach the tools, from a connected transport. The SDK answers a string, a list or null with
 * -32602, which hosts do not show to the model. Null becomes `{}`, and another form `{ arguments: … }`.
 */
export function acceptAnyArguments(transport: Transport): void {
  const receive = transport.onmessage
  if (!receive) return
  transport.onmessage = (message, extra) => receive(withObject(message), extra)
}

function withObject<M extends JSONRPCMessage>(message: M): M {
  if (!('method' in message) || message.method !== 'tools/call') return message
  const { arguments: args } = message.params ?? {}
  if (args === undefined || (typeof args === 'object' && args !== null && !Array.isArray(args))) return message
  return { ...message, params: { ...message.params, arguments: args === null ? {} : { arguments: args } } }
}

/** Returns the result for arguments that have another form than an object, or lie one level too deep. */
export function misplacedArguments(tool: ToolName, args: unknown): ToolResult | undefined {
  const isMisplaced = typeof args === 'object' && args !== null && Object.keys(args).join() === 'arguments'
  if (!isMisplaced) return undefined
  const form =
    { append: '{"text": "…"}', push: '{"read": "…"}', check: '{"timeout_ms": 25000}' }[tool as string] ?? '{}'
  return { text: `* Nothing was done: ${tool} takes its arguments as one object, such as ${form}.`, failed: true }
}
