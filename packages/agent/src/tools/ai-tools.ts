import type { AsyncChatRoom } from '@midsentence/client'
import type { Participant } from '@midsentence/core'
import { type JSONSchema7, jsonSchema, type Tool, tool } from 'ai'
import type { ToolName } from './definitions.ts'
import type { ToolResult } from './result-text.ts'
import { roomTools } from './room-tools.ts'

/**
 * Creates tools of the AI SDK for the actions in `room`. The model reads their text; your code also gets the data.
 *
 * @example generateText({ model, tools: aiTools(room), stopWhen: stepCountIs(20), prompt: 'Join in.' })
 */
export function aiTools(room: AsyncChatRoom | Participant): Record<ToolName, Tool<unknown, ToolResult>> {
  const { definitions, call } = roomTools(room)
  const tools = definitions.map(({ name, title, description, parameters }) => [
    name,
    tool<unknown, ToolResult>({
      title,
      description,
      inputSchema: jsonSchema(parameters as unknown as JSONSchema7),
      // All calls of one step get the same `messages` array, which identifies the turn.
      execute: (args, { messages, abortSignal }) =>
        call(name, args, { turn: messages, ...(abortSignal && { signal: abortSignal }) }),
      toModelOutput: ({ output }) => ({ type: output.failed ? 'error-text' : 'text', value: output.text }),
    }),
  ])
  return Object.fromEntries(tools)
}
