import type { ModelApi } from './model-api.ts'

interface Part {
  readonly functionResponse?: { readonly name: string; readonly response: unknown }
}

interface Body {
  readonly tools?: readonly {
    readonly functionDeclarations?: readonly { readonly name: string; readonly description?: string }[]
  }[]
  readonly contents: readonly { readonly role: string; readonly parts: readonly Part[] }[]
}

/** `streamGenerateContent` of the Gemini API. Other requests, such as the choice of a model, get no answer. */
export const geminiApi: ModelApi = {
  read(path, body) {
    if (!/:streamGenerateContent(\?|$)/.test(path)) return undefined
    const { tools = [], contents } = body as Body
    const since = contents.slice(contents.findLastIndex(({ role }) => role === 'model') + 1)
    return {
      tools: tools
        .flatMap(({ functionDeclarations = [] }) => functionDeclarations)
        .map(({ name, description = '' }) => ({ name, description })),
      results: since
        .flatMap(({ parts }) => parts)
        .flatMap(({ functionResponse }) => (functionResponse ? [outputOf(functionResponse.response)] : [])),
    }
  },
  write(answer) {
    const parts =
      'text' in answer
        ? [{ text: answer.text }]
        : answer.calls.map(({ id, name, args }) => ({ functionCall: { id, name, args } }))
    const usageMetadata = { promptTokenCount: 10, candidatesTokenCount: 10, totalTokenCount: 20 }
    const candidate = { content: { role: 'model', parts }, finishReason: 'STOP', index: 0 }
    return [{ data: { candidates: [candidate], usageMetadata } }]
  },
}

/** The Gemini API takes objects: a result that is one text is its only member. */
function outputOf(response: unknown): string {
  const values = Object.values(response as object)
  return values.length === 1 && typeof values[0] === 'string' ? values[0] : JSON.stringify(response)
}
