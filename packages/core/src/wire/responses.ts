import { isMidsentenceError, MidsentenceError, rpcNumbers } from '../errors.ts'
import type { Message } from '../room/message.ts'
import { messageText } from './message-text.ts'

/** The answer to a call that ended well. `id` is JSON and stands as it came. */
export const successResponse = (id: string, result: unknown): string =>
  `{"jsonrpc":"2.0","result":${hasMessages(result) ? textOf(result) : (JSON.stringify(result) ?? 'null')},"id":${id}}`

interface WithMessages {
  readonly messages: readonly Message[]
}

const hasMessages = (result: unknown): result is WithMessages =>
  Array.isArray((result as Partial<WithMessages> | undefined)?.messages) && (result as WithMessages).messages.length > 0

/** As `JSON.stringify`, but of each message the text that others are given too. */
function textOf(result: WithMessages): string {
  const members: string[] = []
  for (const [name, value] of Object.entries(result)) {
    const text = name === 'messages' ? `[${result.messages.map(messageText).join(',')}]` : JSON.stringify(value)
    if (text !== undefined) members.push(`"${name}":${text}`)
  }
  return `{${members.join(',')}}`
}

/** What is told of an error that is nobody's mistake outside: nothing of what is inside. */
const internal = new MidsentenceError(
  'internal',
  'Something went wrong on this side, not in what you sent. See with preview what your draft is, then try again.',
)

/** The answer to a call that ended with `cause`. */
export function errorResponse(id: string, cause: unknown): string {
  const { code, message, data } = isMidsentenceError(cause) ? cause : internal
  const facts = JSON.stringify(data)
  const error = `{"code":${rpcNumbers[code]},"message":${JSON.stringify(message)}${facts === '{}' ? '' : `,"data":${facts}`}}`
  return `{"jsonrpc":"2.0","error":${error},"id":${id}}`
}
