import type { AsyncChatRoom } from '@midsentence/client'
import type { Participant } from '@midsentence/core'
import { roomTools } from './room-tools.ts'

/** A tool in the format of Anthropic's messages API. */
export interface AnthropicTool {
  readonly name: string
  readonly description: string
  readonly input_schema: {
    readonly type: 'object'
    readonly properties: Record<string, unknown>
    readonly required: string[]
    readonly additionalProperties: false
  }
}

/** A content block of a model message. Blocks other than `tool_use` are ignored. */
export interface AnthropicBlock {
  readonly type: string
  readonly id?: string
  readonly name?: string
  readonly input?: unknown
}

export interface AnthropicToolResult {
  readonly type: 'tool_result'
  readonly tool_use_id: string
  readonly content: string
  readonly is_error?: true
}

export interface AnthropicTools {
  readonly tools: AnthropicTool[]
  /** Runs the tool calls of one model message, in order. Resolves with the content of the next user message; none without calls. */
  answer(
    content: readonly object[] | string | null | undefined,
    options?: { signal?: AbortSignal },
  ): Promise<AnthropicToolResult[]>
}

/** Creates tools for the actions in `room`, in the format of Anthropic's messages API. */
export function anthropicTools(room: AsyncChatRoom | Participant): AnthropicTools {
  const { definitions, call } = roomTools(room)
  return {
    tools: definitions.map(({ name, description, parameters: { properties, required, ...rest } }) => ({
      name,
      description,
      input_schema: { ...rest, properties: { ...properties }, required: [...required] },
    })),
    answer: (content, options = {}) => {
      const turn = {}
      const blocks = (Array.isArray(content) ? content : []) as readonly AnthropicBlock[]
      const uses = blocks.filter(block => block.type === 'tool_use')
      return Promise.all(
        uses.map(async ({ id = '', name = '', input }): Promise<AnthropicToolResult> => {
          const { text, failed } = await call(name, input, { turn, ...options })
          return { type: 'tool_result', tool_use_id: id, content: text, ...(failed && { is_error: true }) }
        }),
      )
    },
  }
}
