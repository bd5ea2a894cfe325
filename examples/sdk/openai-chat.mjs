// A model of OpenAI's Chat Completions API, or a compatible one, takes part by tool calls.
import { openaiTools } from '@midsentence/agent/tools'
import { AsyncChatRoom } from '@midsentence/client'
import OpenAI from 'openai'

const room = new AsyncChatRoom({ username: 'GPT' })
const { tools, answer } = openaiTools(room)
const messages = [{ role: 'user', content: 'Take part in the chat room. Say so when you are done.' }]

for (;;) {
  const completion = await new OpenAI().chat.completions.create({
    model: process.env.MODEL,
    messages,
    tools,
  })
  const { message } = completion.choices[0]
  messages.push(message, ...(await answer(message.tool_calls)))
  if (message.tool_calls?.length) continue
  console.log(message.content)
  break
}
await room.close()
