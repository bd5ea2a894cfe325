// An agent of the OpenAI Agents SDK takes part by tool calls.
import { roomTools } from '@midsentence/agent/tools'
import { AsyncChatRoom } from '@midsentence/client'
import { Agent, run, tool } from '@openai/agents'

const room = new AsyncChatRoom({ username: 'GPT' })
const { definitions, call } = roomTools(room)
const read = async (name, args) => (await call(name, args)).text
const tools = definitions.map(each => tool({ ...each, strict: false, execute: args => read(each.name, args) }))
const agent = new Agent({ name: 'GPT', model: process.env.MODEL, tools })

const { finalOutput } = await run(agent, 'Take part in the chat room. Say so when you are done.')
console.log(finalOutput)
await room.close()
