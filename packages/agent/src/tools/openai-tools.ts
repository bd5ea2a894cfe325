import type { AsyncChatRoom } from '@midsentence/client'
import type { Participant } from '@midsentence/core'
import type { ToolParameters } from './definitions.ts'
import { roomTools, type ToolResult } from './room-tools.ts'

/** A function as OpenAI's chat completions take it. */
export interface OpenAiTool {
  readonly type: 'function'
  readonly function: {
    readonly name: string
    readonly description: string
    readonly parameters: ToolParameters & Record<string, unknown>
  }
}

/** What a model asks for, as chat completions tell it. Calls of another kind are passed over. */
export interface OpenAiToolCall {
  readonly id: string
  readonly type: string
  readonly function?: { readonly name: string; readonly arguments: string }
}

export interface OpenAiToolMessage {
  readonly role: 'tool'
  readonly tool_call_id: string
  readonly content: string
}

export interface OpenAiTools {
  readonly tools: OpenAiTool[]
  /** Does what one message of the model asks for, in order, and gives the messages to go on with. */
  answer(calls: readonly OpenAiToolCall[] | undefined, options?: { signal?: AbortSignal }): Promise<OpenAiToolMessage[]>
}

/** The actions in `room` as OpenAI's chat completions take them, and everything that is compatible with those. */
export function openaiTools(room: AsyncChatRoom | Participant): OpenAiTools {
  const { definitions, call } = roomTools(room)
  return {
    tools: definitions.map(({ name, description, parameters }) => ({
      type: 'function',
      function: { name, description, parameters: { ...parameters } },
    })),
    answer: (calls = [], options = {}) => {
      const turn = {}
      return Promise.all(
        calls.flatMap(({ id, function: asked }) =>
          asked
            ? [
                parseArgumentsThen(asked.arguments, args => call(asked.name, args, { turn, ...options })).then(
                  ({ text }): OpenAiToolMessage => ({ role: 'tool', tool_call_id: id, content: text }),
                ),
              ]
            : [],
        ),
      )
    },
  }
}

/** A function as OpenAI's responses take it. */
export interface OpenAiResponseTool {
  readonly type: 'function'
  readonly name: string
  readonly description: string
  readonly parameters: ToolParameters & Record<string, unknown>
  readonly strict: false
}

/** What came out of a response. Items that are no calls are passed over. */
export interface OpenAiOutputItem {
  readonly type: string
  readonly call_id?: string
  readonly name?: string
  readonly arguments?: string
}

export interface OpenAiCallOutput {
  readonly type: 'function_call_output'
  readonly call_id: string
  readonly output: string
}

export interface OpenAiResponseTools {
  readonly tools: OpenAiResponseTool[]
  /** Does what one response asks for, in order, and gives the items to go on with; none where it asks for nothing. */
  answer(output: readonly object[], options?: { signal?: AbortSignal }): Promise<OpenAiCallOutput[]>
}

/** The actions in `room` as OpenAI's responses take them. */
export function openaiResponseTools(room: AsyncChatRoom | Participant): OpenAiResponseTools {
  const { definitions, call } = roomTools(room)
  return {
    tools: definitions.map(({ name, description, parameters }) => ({
      type: 'function',
      name,
      description,
      parameters: { ...parameters },
      strict: false,
    })),
    answer: (output, options = {}) => {
      const turn = {}
      const calls = (output as readonly OpenAiOutputItem[]).filter(item => item.type === 'function_call')
      return Promise.all(
        calls.map(async ({ name = '', call_id = '', arguments: text = '' }): Promise<OpenAiCallOutput> => {
          const result = await parseArgumentsThen(text, args => call(name, args, { turn, ...options }))
          return { type: 'function_call_output', call_id, output: result.text }
        }),
      )
    },
  }
}

/** Models write their arguments as JSON, and not always well. */
function parseArgumentsThen(text: string, run: (args: unknown) => Promise<ToolResult>): Promise<ToolResult> {
  let args: unknown
  try {
    args = text.trim() === '' ? {} : JSON.parse(text)
  } catch {
    const sentence = '* The arguments are no JSON, so nothing was done. Call it again with a JSON object.'
    return Promise.resolve({ text: sentence, failed: true })
  }
  return run(args)
}
