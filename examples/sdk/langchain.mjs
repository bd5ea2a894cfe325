// An agent of LangChain takes part by tool calls.
import { ChatOpenAI } from '@langchain/openai'
import { roomTools } from '@midsentence/agent/tools'
import { AsyncChatRoom } from '@midsentence/client'
import { createAgent, tool } from 'langchain'

const room = new AsyncChatRoom({ username: 'GPT' })
const { definitions, call } = roomTools(room)
const read = async (name, args) => (await call(name, args)).text
const tools = definitions.map(each => tool(args => read(each.name, args), { ...each, schema: each.parameters }))
const agent = createAgent({ model: new ChatOpenAI({ model: process.env.MODEL }), tools })

const content = 'Take part in the chat room. Say so when you are done.'
const { messages } = await agent.invoke({ messages: [{ role: 'user', content }] })
console.log(messages.at(-1).content)
await room.close()
