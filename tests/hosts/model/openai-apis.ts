import { contentText, type ModelApi } from './model-api.ts'

interface Tool {
  readonly type: string
  readonly name?: string
  readonly description?: string
  readonly tools?: readonly Tool[]
  readonly function?: { readonly name: string; readonly description?: string }
}

interface ResponsesBody {
  readonly tools?: readonly Tool[]
  readonly input: readonly { readonly type: string; readonly role?: string; readonly output?: unknown }[]
}

/** The Responses API of OpenAI. */
export const responsesApi: ModelApi = {
  read(path, body) {
    if (!/\/responses(\?|$)/.test(path)) return undefined
    const { tools = [], input } = body as ResponsesBody
    const last = input.findLastIndex(({ type, role }) => type === 'function_call' || role === 'assistant')
    return {
      tools: tools.flatMap(tool => shownTools(tool)),
      results: input
        .slice(last + 1)
        .filter(({ type }) => type === 'function_call_output')
        .map(({ output }) => contentText(output)),
    }
  },
  write(answer) {
    const items =
      'text' in answer
        ? [
            {
              type: 'message',
              id: 'm',
              role: 'assistant',
              content: [{ type: 'output_text', text: answer.text, annotations: [] }],
            },
          ]
        : answer.calls.map(({ id, name, args }) => {
            const [namespace, tool] = name.includes(' ') ? name.split(' ') : [undefined, name]
            return {
              type: 'function_call',
              id: `f${id}`,
              call_id: id,
              name: tool,
              namespace,
              arguments: JSON.stringify(args),
            }
          })
    const usage = {
      input_tokens: 10,
      output_tokens: 10,
      total_tokens: 20,
      input_tokens_details: null,
      output_tokens_details: null,
    }
    const events = [
      { type: 'response.created', response: { id: 'r' } },
      ...items.map((item, output_index) => ({ type: 'response.output_item.done', output_index, item })),
      { type: 'response.completed', response: { id: 'r', output: items, usage } },
    ]
    return events.map(data => ({ event: data.type, data }))
  },
}

function shownTools({ name, description = '', tools }: Tool): { name: string; description: string }[] {
  if (tools) return tools.flatMap(tool => shownTools(tool).map(inner => ({ ...inner, name: `${name} ${inner.name}` })))
  return name === undefined ? [] : [{ name, description }]
}

interface ChatBody {
  readonly tools?: readonly Tool[]
  readonly messages: readonly { readonly role: string; readonly content: unknown }[]
}

/** The chat completions of OpenAI, which most local servers offer. */
export const chatApi: ModelApi = {
  read(path, body) {
    if (!/\/chat\/completions(\?|$)/.test(path)) return undefined
    const { tools = [], messages } = body as ChatBody
    const since = messages.slice(messages.findLastIndex(({ role }) => role === 'assistant') + 1)
    return {
      tools: tools.map(tool => ({ name: tool.function!.name, description: tool.function!.description ?? '' })),
      results: since.filter(({ role }) => role === 'tool').map(({ content }) => contentText(content)),
    }
  },
  write(answer) {
    const chunk = (delta: object, finish_reason: string | null) => ({
      data: {
        id: 'c',
        object: 'chat.completion.chunk',
        created: 1,
        model: 'scripted',
        choices: [{ index: 0, delta, finish_reason }],
      },
    })
    if ('text' in answer) return [chunk({ role: 'assistant', content: answer.text }, null), chunk({}, 'stop')]
    const tool_calls = answer.calls.map(({ id, name, args }, index) => ({
      index,
      id,
      type: 'function',
      function: { name, arguments: JSON.stringify(args) },
    }))
    return [chunk({ role: 'assistant', tool_calls }, null), chunk({}, 'tool_calls')]
  },
}
