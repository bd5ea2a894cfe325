import type { AsyncChatRoom } from '@midsentence/client'
import type { Participant } from '@midsentence/core'
import { type JSONSchema7, jsonSchema, type Tool, tool } from 'ai'
import type { ToolName } from './definitions.ts'
import { roomTools, type ToolResult } from './room-tools.ts'

/**
 * The actions in `room` as tools of the AI SDK: `generateText({ model, tools: aiTools(room), … })`. A model reads their
 * text; `output` in your code is the data too.
 */
export function aiTools(room: AsyncChatRoom | Participant): Record<ToolName, Tool<unknown, ToolResult>> {
  const { definitions, call } = roomTools(room)
  const tools = definitions.map(({ name, title, description, parameters }) => [
    name,
    tool<unknown, ToolResult>({
      title,
      description,
      inputSchema: jsonSchema(parameters as unknown as JSONSchema7),
      // The messages that a step was asked with are the same array for all its calls.
      execute: (args, { messages, abortSignal }) =>
        call(name, args, { turn: messages, ...(abortSignal && { signal: abortSignal }) }),
      toModelOutput: ({ output }) => ({ type: output.failed ? 'error-text' : 'text', value: output.text }),
    }),
  ])
  return Object.fromEntries(tools)
}
