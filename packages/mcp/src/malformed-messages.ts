import type { JSONRPCErrorResponse, JSONRPCMessage, Transport } from '@modelcontextprotocol/server'

interface ParamIssue {
  readonly path?: readonly (string | number)[]
  readonly message?: string
  /** The issues of each form that a value may have. */
  readonly errors?: readonly (readonly ParamIssue[])[]
}

const INVALID_REQUEST = -32600
const INVALID_PARAMS = -32602

/**
 * Returns the answer to a line that has the id of a request and not its form: the SDK drops such a line, so that its sender
 * waits without end. Undefined for every other line.
 */
export function malformedAnswer(line: string): JSONRPCErrorResponse | undefined {
  const message = parseObject(line)
  if (!message || (typeof message.id !== 'string' && typeof message.id !== 'number') || !('method' in message)) return
  const { id, method, params } = message
  const answer = (code: number, message: string) => ({ jsonrpc: '2.0' as const, id, error: { code, message } })
  if (message.jsonrpc !== '2.0' || typeof method !== 'string')
    return answer(INVALID_REQUEST, 'A request has "jsonrpc": "2.0", and a method that is text.')
  if (params === undefined || isObject(params)) return undefined
  return answer(INVALID_PARAMS, `params of ${method.slice(0, 80)} has to be an object, such as {}.`)
}

/** Says the errors that `transport` sends in a sentence, where the SDK lists the issues of its schema as JSON. */
export function shortenErrors(transport: Transport): void {
  const send = transport.send.bind(transport)
  transport.send = (message, options) => send(withSentence(message), options)
}

function withSentence(message: JSONRPCMessage): JSONRPCMessage {
  if (!('error' in message)) return message
  const sentence = issueSentence(message.error.message)
  if (sentence === undefined) return message
  return { ...message, error: { ...message.error, code: INVALID_PARAMS, message: sentence } }
}

/** Returns the first issue of a schema's error as a sentence. Undefined if `text` lists none. */
export function issueSentence(text: string): string | undefined {
  const list = /\[\s*\{[\s\S]*\}\s*\]\s*$/.exec(text)?.[0]
  if (list === undefined) return undefined
  try {
    const path: (string | number)[] = []
    let issue = (JSON.parse(list) as readonly ParamIssue[])[0]
    while (issue) {
      path.push(...(issue.path ?? []))
      // The form with the fewest issues is the one that was meant.
      const [meant] = [...(issue.errors ?? [])].sort((a, b) => a.length - b.length)
      if (!meant?.[0]) break
      issue = meant[0]
    }
    const what = (issue?.message ?? 'Invalid input').replace(/^Invalid input: /, '')
    return `The message is not well-formed: ${path.length > 0 ? `${path.join('.')}: ` : ''}${what}.`
  } catch {
    return undefined
  }
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

function parseObject(
  line: string,
): (Readonly<Record<string, unknown>> & { readonly id?: string | number }) | undefined {
  try {
    const value: unknown = JSON.parse(line)
    return isObject(value) ? value : undefined
  } catch {
    return undefined
  }
}
