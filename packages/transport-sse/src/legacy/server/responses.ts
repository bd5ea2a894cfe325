import type { IncomingMessage, ServerResponse } from 'node:http'
import { isMidsentenceError } from '@midsentence/core'
import { hasUnreadBody, lingeringClose } from '../../server/node/lingering-close.ts'

/** An error of a request, in the format of FastAPI. */
export interface ValidationError {
  readonly loc: readonly string[]
  readonly msg: string
  readonly type: string
  readonly ctx?: Readonly<Record<string, unknown>>
}

/** The response to any request but a stream. */
export interface LegacyResponse {
  readonly status: number
  readonly body: { readonly success: true } | { readonly detail: string | readonly ValidationError[] }
  readonly headers?: Readonly<Record<string, string>>
}

/** The responses of the Python server, word for word. */
export const responses = {
  success: { status: 200, body: { success: true } },
  unreadable: { status: 400, body: { detail: 'There was an error parsing the body' } },
  notListening: { status: 403, body: { detail: 'User not registered or session invalid' } },
  notRegistered: { status: 404, body: { detail: 'User not registered' } },
  taken: { status: 409, body: { detail: 'Username already taken or invalid.' } },
  closing: { status: 503, body: { detail: 'Server is shutting down' } },
  failed: { status: 500, body: { detail: 'Internal Server Error' } },
} as const satisfies Readonly<Record<string, LegacyResponse>>

export const invalid = (faults: readonly ValidationError[]): LegacyResponse => ({
  status: 422,
  body: { detail: faults },
})

export const wrongMethod = (allow: string): LegacyResponse => ({
  status: 405,
  body: { detail: 'Method Not Allowed' },
  headers: { allow },
})

/** Not in the Python server, which reads bodies of any length. */
export const tooLong = (limit: number): LegacyResponse => ({
  status: 413,
  body: { detail: `The request is too long: send at most ${limit} bytes.` },
})

/** Not in the Python server, which has no limits. Nothing of the request was done. */
export const overBudget = (ms: number): LegacyResponse => {
  const seconds = Math.ceil(ms / 1000)
  return {
    status: 429,
    body: { detail: `This request costs more than your address may spend now: wait ${seconds} seconds.` },
    headers: { 'retry-after': `${seconds}` },
  }
}

/** Maps an error of the hub to a response of the Python server. */
export function responseTo(error: unknown): LegacyResponse {
  if (!isMidsentenceError(error)) return responses.failed
  const { code, message, data } = error
  switch (code) {
    case 'name-taken':
      return responses.taken
    case 'session-unknown':
      return responses.notRegistered
    case 'no-draft':
      return invalid([
        {
          loc: ['body', 'message'],
          msg: 'ensure this value has at least 1 characters',
          type: 'value_error.any_str.min_length',
          ctx: { limit_value: 1 },
        },
      ])
    case 'invalid-params':
      return invalid([{ loc: ['body', 'message'], msg: message, type: 'value_error.any_str.max_length' }])
    case 'content-policy':
      return { status: 403, body: { detail: data.reason ?? message } }
    case 'rate-limited': {
      const seconds = Math.ceil((data.retry_after_ms ?? 1000) / 1000)
      return { status: 429, body: { detail: message }, headers: { 'retry-after': String(seconds) } }
    }
    case 'room-unavailable':
      return { status: 503, body: { detail: message } }
    case 'unavailable':
      // 503 would say that the message was not sent, which is not known.
      return data.unknown ? { status: 500, body: { detail: message } } : responses.closing
    default:
      return responses.failed
  }
}

/** Sends a response. Closes gracefully if the request body is not read yet. */
export function sendResponse(
  req: IncomingMessage,
  res: ServerResponse,
  { status, body, headers }: LegacyResponse,
): void {
  if (res.headersSent) return
  const text = JSON.stringify(body)
  const unread = hasUnreadBody(req)
  res.writeHead(status, {
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(text),
    ...(unread && { connection: 'close' }),
    ...headers,
  })
  if (unread) lingeringClose(req, res, Buffer.from(text))
  // A string, so that Node sends head and body in one write.
  else res.end(text)
}
