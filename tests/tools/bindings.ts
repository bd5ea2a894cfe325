import { readFileSync } from 'node:fs'
import { AIMessage, type ToolMessage } from '@langchain/core/messages'
import { type StructuredTool, tool } from '@langchain/core/tools'
import { ToolNode } from '@langchain/langgraph/prebuilt'
import { aiTools } from '@midsentence/agent'
import { anthropicTools, openaiResponseTools, openaiTools, roomTools } from '@midsentence/agent/tools'
import type { AsyncChatRoom } from '@midsentence/client'
import type { ToolRequest } from '@midsentence/conformance'
import { localRoomClient, mcpServer } from '@midsentence/mcp'
import { Client, InMemoryTransport } from '@modelcontextprotocol/client'
import type { ModelMessage } from 'ai'
import { type Binding, rightTools } from './mock-tools.ts'

type Options = { readonly signal?: AbortSignal }
const withSignal = (signal: AbortSignal | undefined): Options => (signal ? { signal } : {})

/** Binds tools of an SDK whose `answer` takes the calls of one message of the model, which are a turn. */
const answering = (answer: (requests: readonly ToolRequest[], options: Options) => Promise<readonly string[]>) => ({
  call: async (tool: string, args: ToolRequest['args'], signal?: AbortSignal) =>
    (await answer([{ tool, args }], withSignal(signal)))[0]!,
  callAll: (requests: readonly ToolRequest[]) => answer(requests, {}),
})

const readme = readFileSync(new URL('../../packages/agent/README.md', import.meta.url), 'utf8')

/** Runs the lines of the README that bind tools to LangChain. */
export function langchainTools(room: AsyncChatRoom): StructuredTool[] {
  const [, lines] = /^With LangChain[\s\S]*?^```js\n([\s\S]*?)^```$/m.exec(readme)!
  const body = `${lines!.replace(/^import .*\n/gm, '')}\nreturn tools`
  return new Function('room', 'tool', 'roomTools', body)(room, tool, roomTools)
}

/** Each way to bind the tools that this repository has, in this process. */
export const bindings: Readonly<Record<string, Binding>> = {
  roomTools: rightTools,
  aiTools: room => {
    const tools = aiTools(room)
    let messages: ModelMessage[] = []
    return {
      call: async (tool, args, signal) => {
        const options = { toolCallId: '1', messages, ...(signal && { abortSignal: signal }) }
        return ((await tools[tool as 'push'].execute!(args, options)) as { text: string }).text
      },
      beginTurn: () => {
        messages = []
      },
    }
  },
  openaiTools: room => {
    const { answer } = openaiTools(room)
    return answering(async (requests, options) => {
      const calls = requests.map(({ tool, args }, at) => ({
        id: `${at}`,
        type: 'function',
        function: { name: tool, arguments: JSON.stringify(args) },
      }))
      return (await answer(calls, options)).map(({ content }) => content)
    })
  },
  openaiResponseTools: room => {
    const { answer } = openaiResponseTools(room)
    return answering(async (requests, options) => {
      const calls = requests.map(({ tool, args }, at) => ({
        type: 'function_call',
        call_id: `${at}`,
        name: tool,
        arguments: JSON.stringify(args),
      }))
      return (await answer(calls, options)).map(({ output }) => output)
    })
  },
  anthropicTools: room => {
    const { answer } = anthropicTools(room)
    return answering(async (requests, options) => {
      const content = requests.map(({ tool, args }, at) => ({ type: 'tool_use', id: `${at}`, name: tool, input: args }))
      return (await answer(content, options)).map(({ content }) => content)
    })
  },
  "LangChain's ToolNode": room => {
    const node = new ToolNode(langchainTools(room))
    let turn = 0
    const run = async (requests: readonly ToolRequest[], options: Options) => {
      const calls = requests.map(({ tool, args }, at) => ({ id: `${at}`, name: tool, args: { ...args } }))
      const message = new AIMessage({ id: `turn ${turn}`, content: '', tool_calls: calls })
      const { messages } = (await node.invoke({ messages: [message] }, options)) as { messages: ToolMessage[] }
      options.signal?.throwIfAborted()
      return messages.map(({ content }) => content as string)
    }
    return {
      ...answering(run),
      beginTurn: () => {
        turn++
      },
    }
  },
  'an MCP server of this process': async (room, clock) => {
    const roomClient = localRoomClient(room, clock)
    const client = new Client({ name: 'a-host', version: '1.0.0' })
    const [ours, theirs] = InMemoryTransport.createLinkedPair()
    await Promise.all([mcpServer(roomClient, '1.0.0').connect(ours), client.connect(theirs)])
    return {
      call: async (tool, args, signal) => {
        const { content } = await client.callTool({ name: tool, arguments: { ...args } }, withSignal(signal))
        return (content as { text: string }[])[0]!.text
      },
      timed: true,
      close: () => client.close(),
    }
  },
}
