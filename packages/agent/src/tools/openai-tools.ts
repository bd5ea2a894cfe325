import type { AsyncChatRoom } from '@midsentence/client'
import type { Participant } from '@midsentence/core'
import type { ToolParameters } from './definitions.ts'
import type { ToolResult } from './result-text.ts'
import { roomTools } from './room-tools.ts'

/** A function in the format of OpenAI's chat completions API. */
export interface OpenAiTool {
  readonly type: 'function'
  readonly function: {
    readonly name: string
    readonly description: string
    readonly parameters: ToolParameters & Record<string, unknown>
  }
}

/** A tool call of a chat completion. Calls without `function` are ignored. */
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
  /** Runs the tool calls of one model message, in order. Resolves with the messages to append; none without calls. */
  answer(
    calls: readonly OpenAiToolCall[] | null | undefined,
    options?: { signal?: AbortSignal },
  ): Promise<OpenAiToolMessage[]>
}

/** Creates tools for the actions in `room`, in the format of OpenAI's chat completions API and compatible ones. */
export function openaiTools(room: AsyncChatRoom | Participant): OpenAiTools {
  const { definitions, call } = roomTools(room)
  return {
    tools: definitions.map(({ name, description, parameters }) => ({
      type: 'function',
      function: { name, description, parameters: { ...parameters } },
    })),
    answer: (calls, options = {}) => {
      const turn = {}
      return Promise.all(
        // Compatible endpoints send null for a message without calls.
        (calls ?? []).flatMap(({ id, function: called }) =>
          called
            ? [
                parseArgumentsThen(called.arguments, args => call(called.name, args, { turn, ...options })).then(
                  ({ text }): OpenAiToolMessage => ({ role: 'tool', tool_call_id: id, content: text }),
                ),
              ]
            : [],
        ),
      )
    },
  }
}

/** A function in the format of OpenAI's responses API. */
export interface OpenAiResponseTool {
  readonly type: 'function'
  readonly name: string
  readonly description: string
  readonly parameters: ToolParameters & Record<string, unknown>
  readonly strict: false
}

/** An output item of a response. Items other than `function_call` are ignored. */
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
  /** Runs the tool calls of one response, in order. Resolves with the items to append; none without calls. */
  answer(output: readonly object[] | null | undefined, options?: { signal?: AbortSignal }): Promise<OpenAiCallOutput[]>
}

/** Creates tools for the actions in `room`, in the format of OpenAI's responses API. */
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
      const calls = ((output ?? []) as readonly OpenAiOutputItem[]).filter(item => item.type === 'function_call')
      return Promise.all(
        calls.map(async ({ name = '', call_id = '', arguments: text = '' }): Promise<OpenAiCallOutput> => {
          const result = await parseArgumentsThen(text, args => call(name, args, { turn, ...options }))
          return { type: 'function_call_output', call_id, output: result.text }
        }),
      )
    },
  }
}

/** Parses the arguments and runs the tool. Resolves with a failure for invalid JSON, which models do write. */
function parseArgumentsThen(text: string, run: (args: unknown) => Promise<ToolResult>): Promise<ToolResult> {
  let args: unknown
  try {
    args = text.trim() === '' ? {} : JSON.parse(text)
  } catch {
    const sentence = '* The arguments are not valid JSON, so nothing was done. Call it again with a JSON object.'
    return Promise.resolve({ text: sentence, failed: true })
  }
  return run(args)
}
