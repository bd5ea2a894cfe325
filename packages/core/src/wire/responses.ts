import { isMidsentenceError, MidsentenceError, rpcNumbers } from '../errors.ts'
import type { Message } from '../room/message.ts'
import { messageText } from './message-text.ts'

/** A result that was serialized before, so that many answers share the work. */
export class JsonText {
  readonly text: string

  constructor(value: object) {
    this.text = JSON.stringify(value)
  }
}

/** Returns the response to a successful call. `id` is JSON, used unchanged. */
export const successResponse = (id: string, result: unknown): string =>
  `{"jsonrpc":"2.0","result":${hasMessages(result) ? textOf(result) : jsonOf(result)},"id":${id}}`

const jsonOf = (result: unknown): string =>
  result instanceof JsonText ? result.text : (JSON.stringify(result) ?? 'null')

interface WithMessages {
  readonly messages: readonly Message[]
}

const hasMessages = (result: unknown): result is WithMessages =>
  Array.isArray((result as Partial<WithMessages> | undefined)?.messages) && (result as WithMessages).messages.length > 0

/** Like `JSON.stringify`, but with the cached text of each message. */
function textOf(result: WithMessages): string {
  const members: string[] = []
  for (const [name, value] of Object.entries(result)) {
    const text = name === 'messages' ? `[${result.messages.map(messageText).join(',')}]` : JSON.stringify(value)
    if (text !== undefined) members.push(`"${name}":${text}`)
  }
  return `{${members.join(',')}}`
}

/** Replaces an unexpected error, so that no internals are exposed. */
const internal = new MidsentenceError(
  'internal',
  'The server failed; your call was not the cause. Check your draft with preview, then try again.',
)

/** Returns the response to a call that failed with `cause`. */
export function errorResponse(id: string, cause: unknown): string {
  const { code, message, data } = isMidsentenceError(cause) ? cause : internal
  const facts = JSON.stringify(data)
  const error = `{"code":${rpcNumbers[code]},"message":${JSON.stringify(message)}${facts === '{}' ? '' : `,"data":${facts}`}}`
  return `{"jsonrpc":"2.0","error":${error},"id":${id}}`
}
