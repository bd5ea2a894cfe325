import { AIMessage, type BaseMessage } from '@langchain/core/messages'
import { MessagesAnnotation, StateGraph } from '@langchain/langgraph'
import { ToolNode, toolsCondition } from '@langchain/langgraph/prebuilt'
import { AsyncChatRoom } from '@midsentence/client'
import { mockRoom } from '@midsentence/transport-mock'
import { expect, onTestFinished, test } from 'vitest'
import { langchainTools } from './bindings.ts'

/** Writes the next message of a scripted model, from the texts of the results of its last turn. */
type ScriptedTurn = (results: readonly string[]) => Promise<readonly (readonly [tool: string, args: object])[]>

test('[U2] [U4] in a graph of LangGraph a blind turn is held, twice in one turn too, until a code says that it was read', async () => {
  const room = mockRoom()
  const claude = new AsyncChatRoom({ transport: () => room.peer(), username: 'Claude' })
  const ada = new AsyncChatRoom({ transport: () => room.peer(), username: 'Ada' })
  onTestFinished(() => Promise.all([claude.close(), ada.close()]).then(() => {}))
  await Promise.all([claude.append(''), ada.append('')])
  const heard: string[] = []
  const turns: readonly ScriptedTurn[] = [
    async () => {
      await ada.append('Yours.')
      await ada.push()
      return [
        ['append', { text: 'Mine.' }],
        ['check', { timeout_ms: 2000 }],
        ['push', {}],
        ['push', {}],
      ]
    },
    async results => {
      heard.push(...results)
      return [['push', { read: /Read code: (\S+)\.$/.exec(results.at(-1)!)?.[1] }]]
    },
    async results => {
      heard.push(...results)
      return []
    },
  ]
  let turn = 0
  const agent = async ({ messages }: { messages: BaseMessage[] }) => {
    const since = messages.slice(messages.findLastIndex(({ type }) => type === 'ai') + 1)
    const calls = await turns[turn++]!(since.map(({ content }) => String(content)))
    const toolCalls = calls.map(([name, args], at) => ({ id: `${turn}.${at}`, name, args }))
    return { messages: [new AIMessage({ content: '', tool_calls: toolCalls })] }
  }
  const graph = new StateGraph(MessagesAnnotation)
    .addNode('agent', agent)
    .addNode('tools', new ToolNode(langchainTools(claude)))
    .addEdge('__start__', 'agent')
    .addConditionalEdges('agent', toolsCondition)
    .addEdge('tools', 'agent')
    .compile()
  await graph.invoke({ messages: [{ role: 'user', content: 'Join in.' }] })
  expect(heard).toHaveLength(5)
  expect(heard.slice(2, 4)).toEqual([
    expect.stringContaining('* Not sent yet: '),
    expect.stringContaining('* Not sent yet: '),
  ])
  expect(heard[4]).toMatch(/^\* Sent\./)
  expect(room.messages.map(({ content }) => content)).toEqual(['Yours.', 'Mine.'])
})
