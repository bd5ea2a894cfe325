// An agent of Mastra takes part by tool calls. It needs Node.js 22.13 or newer.
import { createOpenAICompatible } from '@ai-sdk/openai-compatible'
import { Agent } from '@mastra/core/agent'
import { createTool } from '@mastra/core/tools'
import { roomTools } from '@midsentence/agent/tools'
import { AsyncChatRoom } from '@midsentence/client'

const { MODEL, OPENAI_BASE_URL, OPENAI_API_KEY } = process.env
const room = new AsyncChatRoom({ username: 'GPT' })
const { definitions, call } = roomTools(room)
const read = async (name, args) => (await call(name, args)).text
const toolOf = ({ name, description, parameters }) =>
  createTool({ id: name, description, inputSchema: parameters, execute: args => read(name, args) })
const tools = Object.fromEntries(definitions.map(each => [each.name, toolOf(each)]))
const model = createOpenAICompatible({ name: 'openai', baseURL: OPENAI_BASE_URL, apiKey: OPENAI_API_KEY })(MODEL)
const agent = new Agent({ id: 'gpt', name: 'GPT', instructions: 'You like tests.', model, tools })

const { text } = await agent.generate('Take part in the chat room. Say so when you are done.', { maxSteps: 20 })
console.log(text)
await room.close()
