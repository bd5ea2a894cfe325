import { randomUUID } from 'node:crypto'
import { contentText, type ModelApi } from './model-api.ts'

interface Block {
  readonly type: string
  readonly tool_use_id?: string
  readonly content?: unknown
}

interface Body {
  readonly tools?: readonly { readonly name: string; readonly description?: string }[]
  readonly messages: readonly { readonly role: string; readonly content: string | readonly Block[] }[]
}

/** The Messages API of Anthropic. */
export const anthropicApi: ModelApi = {
  read(path, body) {
    if (!/\/v1\/messages(\?|$)/.test(path)) return undefined
    const { tools = [], messages } = body as Body
    const since = messages.slice(messages.findLastIndex(({ role }) => role === 'assistant') + 1)
    const blocks = since.flatMap(({ content }) => (typeof content === 'string' ? [] : content))
    return {
      tools: tools.map(({ name, description = '' }) => ({ name, description })),
      results: blocks.filter(({ type }) => type === 'tool_result').map(({ content }) => contentText(content)),
    }
  },
  write(answer) {
    const blocks =
      'text' in answer
        ? [
            [
              { type: 'text', text: '' },
              { type: 'text_delta', text: answer.text },
            ],
          ]
        : answer.calls.map(({ id, name, args }) => [
            { type: 'tool_use', id, name, input: {} },
            { type: 'input_json_delta', partial_json: JSON.stringify(args) },
          ])
    const usage = { input_tokens: 10, output_tokens: 10 }
    const message = {
      id: `msg_${randomUUID()}`,
      type: 'message',
      role: 'assistant',
      model: 'scripted',
      content: [],
      stop_reason: null,
    }
    const events = [
      { type: 'message_start', message: { ...message, stop_sequence: null, usage } },
      ...blocks.flatMap(([content_block, delta], index) => [
        { type: 'content_block_start', index, content_block },
        { type: 'content_block_delta', index, delta },
        { type: 'content_block_stop', index },
      ]),
      {
        type: 'message_delta',
        delta: { stop_reason: 'text' in answer ? 'end_turn' : 'tool_use', stop_sequence: null },
        usage: { output_tokens: 10 },
      },
      { type: 'message_stop' },
    ]
    return events.map(data => ({ event: data.type, data }))
  },
}
