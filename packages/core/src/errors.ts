/** What went wrong, by name. Stable; the message beside it is for reading and may change. */
export type ErrorCode =
  | 'parse-error'
  | 'invalid-request'
  | 'method-not-found'
  | 'invalid-params'
  | 'internal'
  | 'no-draft'
  | 'rate-limited'
  | 'content-policy'
  | 'session-unknown'
  | 'name-taken'
  | 'room-unavailable'
  | 'unavailable'

/** The one place where codes meet JSON-RPC's numbers. */
export const rpcNumbers: Readonly<Record<ErrorCode, number>> = {
  'parse-error': -32700,
  'invalid-request': -32600,
  'method-not-found': -32601,
  'invalid-params': -32602,
  internal: -32603,
  'no-draft': 40001,
  'rate-limited': 40003,
  'content-policy': 40004,
  'session-unknown': 40010,
  'name-taken': 40011,
  'room-unavailable': 40012,
  unavailable: 40013,
}

/** Facts a caller may act on. */
export interface ErrorData {
  /** Milliseconds after which the same call may do better. */
  readonly retry_after_ms?: number
  /** True where it is not known whether a write took effect. */
  readonly unknown?: boolean
  /** Why content was refused. */
  readonly reason?: string
}

/**
 * The one error of all ports and actions: a stable `code`, a sentence that says what to do, `data` to act on, and the
 * `cause` kept. Recognise it with `isMidsentenceError`, never by `instanceof` (two copies of core may be loaded).
 */
export class MidsentenceError extends Error {
  override readonly name = 'MidsentenceError'
  readonly code: ErrorCode
  readonly data: ErrorData

  constructor(code: ErrorCode, message: string, options: { data?: ErrorData; cause?: unknown } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause })
    this.code = code
    this.data = options.data ?? {}
  }
}

export const isMidsentenceError = (value: unknown): value is MidsentenceError =>
  value instanceof Error && value.name === 'MidsentenceError' && 'code' in value && String(value.code) in rpcNumbers

/**
 * The error that a JSON-RPC error object tells of: `{code, message, data?}`, with what `data` holds that a caller may act
 * on. A number that is not known, or what is no error object at all, becomes `internal`.
 */
export function errorFromRpc(value: unknown): MidsentenceError {
  const { code: number, message, data } = fieldsOf(value)
  const code = codes.find(code => rpcNumbers[code] === number) ?? 'internal'
  const { retry_after_ms, unknown, reason } = fieldsOf(data)
  return new MidsentenceError(code, typeof message === 'string' && message !== '' ? message : noReason, {
    data: {
      ...(typeof retry_after_ms === 'number' && retry_after_ms >= 0 && { retry_after_ms }),
      ...(unknown === true && { unknown }),
      ...(typeof reason === 'string' && { reason }),
    },
  })
}

const codes = Object.keys(rpcNumbers) as ErrorCode[]
const noReason = 'The other side refused, and did not say why.'
const fieldsOf = (value: unknown): Readonly<Record<string, unknown>> => Object(value)
