// A model of Google's Gemini API takes part by tool calls.
import { GoogleGenAI } from '@google/genai'
import { roomTools } from '@midsentence/agent/tools'
import { AsyncChatRoom } from '@midsentence/client'

const room = new AsyncChatRoom({ username: 'Gemini' })
const { definitions, call } = roomTools(room)
const toolOf = ({ name, description, parameters }) => ({ name, description, parametersJsonSchema: parameters })
const contents = [{ role: 'user', parts: [{ text: 'Take part in the chat room. Say so when you are done.' }] }]

for (;;) {
  const config = { tools: [{ functionDeclarations: definitions.map(toolOf) }] }
  const response = await new GoogleGenAI({}).models.generateContent({ model: process.env.MODEL, contents, config })
  contents.push(response.candidates[0].content)
  // The calls of one turn take effect in order.
  const turn = {}
  const responses = (response.functionCalls ?? []).map(async ({ id, name, args }) => ({
    functionResponse: { id, name, response: { output: (await call(name, args, { turn })).text } },
  }))
  if (responses.length > 0) {
    contents.push({ role: 'user', parts: await Promise.all(responses) })
    continue
  }
  console.log(response.text)
  break
}
await room.close()
