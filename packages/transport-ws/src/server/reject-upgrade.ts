import { STATUS_CODES } from 'node:http'
import type { Duplex } from 'node:stream'
import { isMidsentenceError } from '@midsentence/core'

/** The HTTP response to a refused upgrade. */
export interface UpgradeRejection {
  readonly status: number
  /** A sentence with what to do. */
  readonly error: string
  readonly headers?: Readonly<Record<string, string>>
}

/** Sends the status and `{"error": sentence}`, then closes the connection. */
export function rejectUpgrade(socket: Duplex, { status, error, headers }: UpgradeRejection): void {
  if (!socket.writable) return void socket.destroy()
  const body = JSON.stringify({ error })
  const lines = Object.entries({
    'content-type': 'application/json; charset=utf-8',
    'content-length': `${Buffer.byteLength(body)}`,
    'cache-control': 'no-store',
    connection: 'close',
    ...headers,
  }).map(([name, value]) => `${name}: ${value}\r\n`)
  socket.once('finish', () => socket.destroy())
  socket.end(`HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\n${lines.join('')}\r\n${body}`)
}

/** Maps an error of the hub to an HTTP response. */
export function rejectionOf(error: unknown): UpgradeRejection {
  if (!isMidsentenceError(error)) return { status: 500, error: 'Something went wrong here, not with you. Try again.' }
  // A refused credential of a watcher has a reason.
  const isRefused = error.code === 'room-unavailable' && error.data.reason !== undefined
  const status = isRefused ? 401 : (statuses[error.code] ?? 500)
  return { status, error: error.message, ...(status === 401 && { headers: { 'www-authenticate': 'Bearer' } }) }
}

const statuses: Readonly<Partial<Record<string, number>>> = {
  'invalid-params': 400,
  'session-unknown': 401,
  'room-unavailable': 404,
  unavailable: 503,
}

export const closing: UpgradeRejection = {
  status: 503,
  error: 'The server is closing. Try again in a moment.',
  headers: { 'retry-after': '1' },
}

export const invalidCursor: UpgradeRejection = {
  status: 400,
  error: 'Resume from the seq of a message you were given, a whole number, as ?after= with your token; or name none.',
}

export const invalidPosition: UpgradeRejection = {
  status: 400,
  error: 'Watch from the position of a record you were given, a whole number, as ?from=; or name none.',
}

export const tooManyWatches = (ms: number): UpgradeRejection => ({
  status: 429,
  error: `Your address asks to watch too often: wait ${Math.ceil(ms / 1000)} seconds.`,
  headers: { 'retry-after': `${Math.ceil(ms / 1000)}` },
})

/** The response to a request without an upgrade. */
export const upgradeRequired: UpgradeRejection = {
  status: 426,
  error: 'This is the address of a WebSocket: open one here, and speak JSON-RPC 2.0 over it.',
  headers: { upgrade: 'websocket' },
}
