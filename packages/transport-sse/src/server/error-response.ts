import { isMidsentenceError } from '@midsentence/core'
import type { ErrorResponse } from './http-exchange.ts'

/** Maps an error of the hub to an HTTP response. */
export function errorResponseOf(error: unknown): ErrorResponse {
  if (!isMidsentenceError(error)) return { status: 500, error: 'Something went wrong here, not with you. Try again.' }
  const status = statuses[error.code] ?? 500
  const { retry_after_ms } = error.data
  const headers = {
    ...(status === 401 && { 'www-authenticate': 'Bearer' }),
    ...(retry_after_ms !== undefined && { 'retry-after': String(Math.ceil(retry_after_ms / 1000)) }),
  }
  return { status, error: error.message, headers }
}

export const closing: ErrorResponse = {
  status: 503,
  error: 'The server is closing. Try again in a moment.',
  headers: { 'retry-after': '1' },
}

/** The host read the request's body and left nothing of it: a mistake in its set-up, which its operator has to see. */
export const bodyTaken: ErrorResponse = {
  status: 500,
  error:
    'This server read the body of the request before it reached the chat. Its operator should pass the request on ' +
    'before any body parser, or leave the parsed body in req.body.',
}

export const wrongMethod = (allow: string, what: string): ErrorResponse => ({
  status: 405,
  error: `${what} accepts only ${allow}.`,
  headers: { allow },
})

const statuses: Readonly<Partial<Record<string, number>>> = {
  'invalid-params': 400,
  'session-unknown': 401,
  'room-unavailable': 404,
  'rate-limited': 429,
  unavailable: 503,
}
