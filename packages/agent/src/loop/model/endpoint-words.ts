/** What the body of an endpoint's answer says. */
export interface EndpointWords {
  /** The endpoint's own words, as they came. Empty: it said nothing. */
  readonly words: string
  /** `error`: JSON that reports an error. `page`: a web page. `completion`: a whole answer. `json`, `text`: anything else. */
  readonly kind: 'error' | 'page' | 'completion' | 'json' | 'text'
  /** The HTTP status that an error in a body of status 200 names. */
  readonly status?: number
}

/** Reads the body of an error, or of an answer that is no stream. */
export function endpointWords(body: string): EndpointWords {
  const text = body.trim()
  if (text.startsWith('<')) return { kind: 'page', words: pageWords(text) }
  if (!text.startsWith('{') && !text.startsWith('[')) return { kind: 'text', words: text }
  let json: unknown
  try {
    json = JSON.parse(text)
  } catch {
    return { kind: 'json', words: text }
  }
  const found = errorOf(Array.isArray(json) ? json[0] : json)
  if (found) return { kind: 'error', ...found }
  const content = contentOf(json)
  return content === undefined ? { kind: 'json', words: text } : { kind: 'completion', words: content }
}

/**
 * Reads an error in the forms of OpenAI (`{error: {message}}`), Ollama and LM Studio (`{error: "…"}`), vLLM (`{message}`) and
 * FastAPI (`{detail}`). Undefined for any other object.
 */
export function errorOf(value: unknown): Pick<EndpointWords, 'words' | 'status'> | undefined {
  const { error, message, detail, errors, code, status, statusCode } = Object(value)
  if (typeof error === 'string') return { words: error }
  if (typeof error === 'object' && error !== null) {
    const { code: own } = error as { code?: unknown }
    return { ...(errorOf(error) ?? { words: JSON.stringify(error) }), ...statusOf(own) }
  }
  const words = message ?? detail ?? errors
  if (words === undefined || words === null) return undefined
  return { words: typeof words === 'string' ? words : JSON.stringify(words), ...statusOf(statusCode ?? status ?? code) }
}

function statusOf(code: unknown): { readonly status: number } | undefined {
  const status = Number(code)
  return Number.isInteger(status) && status >= 400 && status < 600 ? { status } : undefined
}

const pageWords = (page: string): string =>
  (
    /<title[^>]*>([^<]*)/i.exec(page)?.[1] ??
    page.replace(/<(script|style)[\s\S]*?<\/\1>/gi, ' ').replace(/<[^>]*>/g, ' ')
  )
    .replace(/\s+/g, ' ')
    .trim()

function contentOf(json: unknown): string | undefined {
  const { choices, message } = Object(json)
  const { content } = Object(Object(choices?.[0]).message ?? message)
  return typeof content === 'string' ? content : undefined
}
