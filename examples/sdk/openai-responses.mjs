// A model of OpenAI's Responses API takes part by tool calls.
import { openaiResponseTools } from '@midsentence/agent/tools'
import { AsyncChatRoom } from '@midsentence/client'
import OpenAI from 'openai'

const room = new AsyncChatRoom({ username: 'GPT' })
const { tools, answer } = openaiResponseTools(room)
const input = [{ role: 'user', content: 'Take part in the chat room. Say so when you are done.' }]

for (;;) {
  const response = await new OpenAI().responses.create({ model: process.env.MODEL, input, tools })
  const outputs = await answer(response.output)
  input.push(...response.output, ...outputs)
  if (outputs.length > 0) continue
  console.log(response.output_text)
  break
}
await room.close()
