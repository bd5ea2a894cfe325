import { createServer } from 'node:net'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { onTestFinished } from 'vitest'
import { listenOnLoopback } from './loopback.ts'

/** A JSON-RPC message between a host and its MCP server. */
export interface McpMessage {
  readonly from: 'host' | 'server'
  /** When it was read, in milliseconds. */
  readonly at: number
  readonly id?: string | number
  readonly method?: string
  readonly params?: Readonly<Record<string, unknown>>
  readonly result?: Readonly<Record<string, unknown>>
  readonly error?: { readonly message: string }
}

export interface McpTap {
  /** The script that a host runs with Node.js in place of `command`, and its arguments. */
  wrap(command: readonly string[]): string[]
  /** All messages so far. */
  readonly messages: readonly McpMessage[]
  /** How the host ended the server: "stdin closed", signals, and "exit" with the code. */
  readonly ending: readonly string[]
  /** Called before a tool call of the host reaches the server, which waits for it. */
  beforeCall: (tool: string) => Promise<void> | void
  /** Adds structured content to the results of a tool. */
  structuredTool: string | undefined
}

/** Records what a host and its MCP server say to each other, and delays tool calls. */
export async function mcpTap(): Promise<McpTap> {
  const messages: McpMessage[] = []
  const ending: string[] = []
  const server = createServer(socket => {
    socket.on('error', () => {})
    let handled = Promise.resolve()
    createInterface({ input: socket }).on('line', line => {
      const { event, detail, at } = JSON.parse(line) as { event: string; detail?: string | number; at: number }
      if (event !== 'host' && event !== 'server')
        return void ending.push(detail === undefined ? event : `${event} ${detail}`)
      const message = { ...(JSON.parse(String(detail)) as object), from: event, at } as McpMessage
      messages.push(message)
      if (event === 'server') return
      handled = handled.then(async () => {
        const tool = message.method === 'tools/call' ? String(message.params!.name) : undefined
        if (tool !== undefined) await tap.beforeCall(tool)
        socket.write(tool !== undefined && tool === tap.structuredTool ? 'add structure\n' : 'go on\n')
      })
    })
  })
  const port = await listenOnLoopback(server)
  onTestFinished(() => void server.close())
  const tap: McpTap = {
    wrap: command => [fileURLToPath(new URL('tap.mjs', import.meta.url)), String(port), ...command],
    messages,
    ending,
    beforeCall: () => {},
    structuredTool: undefined,
  }
  return tap
}
