import { virtualClock } from '@midsentence/core'
import { mcpHttp } from '@midsentence/mcp'
import type { RunningServer } from '@midsentence/server'
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client'
import { expect } from 'vitest'
import type { ServerTools } from './server-tools.ts'

/** Calls a tool of an MCP server and returns its text. */
export const calling =
  (client: Client): ServerTools['call'] =>
  async (name, args, signal) => {
    const { content } = await client.callTool({ name, arguments: { ...args } }, signal ? { signal } : {})
    return (content as { text: string }[])[0]!.text
  }

/** Connects a client to an MCP endpoint over HTTP that `send` reaches. `nextTurn` ends a turn by its time. */
export async function httpTools(
  server: RunningServer,
  { url, send, nextTurn }: { url: string; send: typeof fetch; nextTurn: () => Promise<void> },
): Promise<ServerTools> {
  const { joinResult } = await server.hub.join({ username: 'Claude', secret: '0123456789abcdef0123' })
  const notifications = new Set<Promise<unknown>>()
  const transport = new StreamableHTTPClientTransport(new URL(url), {
    requestInit: { headers: { authorization: `Bearer ${joinResult.token}` } },
    fetch: (input, init) => {
      const answer = send(input, init)
      if (typeof init?.body === 'string' && !('id' in JSON.parse(init.body))) notifications.add(answer)
      return answer
    },
  })
  const client = new Client({ name: 'a-host', version: '1.0.0' })
  await client.connect(transport)
  const call = calling(client)
  const waiting = () => server.hub.admin!.load().waitingChecks
  /** The signal of a call that can be cancelled, until the call ends. */
  let open: AbortSignal | undefined
  return {
    call: (tool, args, signal) => {
      open = signal
      const result = call(tool, args, signal)
      const end = () => {
        if (!signal?.aborted) open = undefined
      }
      result.then(end, end)
      return result
    },
    nextTurn,
    settle: async () => {
      await Promise.all(notifications)
      // A check has arrived once it waits at the server, and its cancellation once it waits no more.
      const arrived = () => open === undefined || waiting() === (open.aborted ? 0 : 1)
      await expect.poll(arrived, { interval: 2, timeout: 5000 }).toBe(true)
    },
    close: () => client.close(),
  }
}

/** Tools over MCP at an endpoint of this process. */
export async function httpToolsHere(server: RunningServer): Promise<ServerTools> {
  const clock = virtualClock()
  const mcp = mcpHttp({ url: server.url, version: '1.0.0', clock })
  const send: typeof fetch = (input, init) => {
    const headers = new Headers(init?.headers)
    headers.set('host', 'localhost')
    return mcp.fetch(new Request(input, { ...init, headers }))
  }
  const nextTurn = () => clock.advance(1000)
  const tools = await httpTools(server, { url: 'http://localhost/mcp', send, nextTurn })
  return {
    ...tools,
    close: async () => {
      await tools.close()
      await mcp.close()
    },
  }
}
