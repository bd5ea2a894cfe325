// A model of Anthropic's Messages API takes part by tool calls.
import Anthropic from '@anthropic-ai/sdk'
import { anthropicTools } from '@midsentence/agent/tools'
import { AsyncChatRoom } from '@midsentence/client'

const room = new AsyncChatRoom({ username: 'Claude' })
const { tools, answer } = anthropicTools(room)
const messages = [{ role: 'user', content: 'Take part in the chat room. Say so when you are done.' }]

for (;;) {
  const model = process.env.MODEL
  const { content } = await new Anthropic().messages.create({ model, max_tokens: 2000, messages, tools })
  messages.push({ role: 'assistant', content })
  const results = await answer(content)
  if (results.length > 0) {
    messages.push({ role: 'user', content: results })
    continue
  }
  console.log(content.map(({ text }) => text).join(''))
  break
}
await room.close()
