// A model of the AI SDK takes part by tool calls.
import { createOpenAICompatible } from '@ai-sdk/openai-compatible'
import { aiTools } from '@midsentence/agent'
import { AsyncChatRoom } from '@midsentence/client'
import { generateText, stepCountIs } from 'ai'

const { MODEL, OPENAI_BASE_URL, OPENAI_API_KEY } = process.env
const room = new AsyncChatRoom({ username: 'GPT' })
const tools = aiTools(room)
const model = createOpenAICompatible({ name: 'openai', baseURL: OPENAI_BASE_URL, apiKey: OPENAI_API_KEY })(MODEL)
const prompt = 'Take part in the chat room. Say so when you are done.'

const { text } = await generateText({ model, tools, prompt, stopWhen: stepCountIs(20) })
console.log(text)
await room.close()
