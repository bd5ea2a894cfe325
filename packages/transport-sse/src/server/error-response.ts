import type { IncomingMessage, ServerResponse } from 'node:http'
import { isMidsentenceError } from '@midsentence/core'
import { lingeringClose } from './lingering-close.ts'

/** The response to a request that reaches neither JSON-RPC nor a stream. */
export interface ErrorResponse {
  readonly status: number
  /** A sentence with what to do. */
  readonly error: string
  readonly headers?: Readonly<Record<string, string>>
}

/** Sends the status and `{"error": sentence}`. Closes gracefully if the request body is not read yet. */
export function sendError(req: IncomingMessage, res: ServerResponse, { status, error, headers }: ErrorResponse): void {
  if (res.headersSent) return
  const body = Buffer.from(JSON.stringify({ error }))
  const unread = hasBody(req) && !req.complete
  res.writeHead(status, {
    'content-type': 'application/json; charset=utf-8',
    'content-length': body.length,
    'cache-control': 'no-store',
    ...(unread && { connection: 'close' }),
    ...headers,
  })
  if (unread) lingeringClose(req, res, body)
  else res.end(body)
}

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
  headers: { connection: 'close', 'retry-after': '1' },
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

const hasBody = ({ headers }: IncomingMessage): boolean =>
  headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0
