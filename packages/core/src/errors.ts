/** The stable codes of errors. Messages are for people and may change. */
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

/** Maps each code to its JSON-RPC number. */
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

/** Data a caller may act on. */
export interface ErrorData {
  /** Milliseconds after which the same call may succeed. */
  readonly retry_after_ms?: number
  /** True if a write may have taken effect. */
  readonly unknown?: boolean
  /**
   * Why it was refused: a sentence about content or a join, `hushed` for a room whose models are silenced, `occupied` for a
   * name that another participant has, `locked` for a journal that another process uses.
   */
  readonly reason?: string
}

export interface MidsentenceErrorOptions {
  readonly data?: ErrorData
  readonly cause?: unknown
  /** What only a person can do, as an imperative: `start a server there`. The message ends with it. */
  readonly remedy?: string
}

/**
 * The error of all ports and actions: a stable `code`, a sentence that says what to do, `data`, and the original `cause`.
 * Recognise it with `isMidsentenceError`, not with `instanceof`, since two copies of core may be loaded.
 *
 * @example
 * await participant.push().catch(error => {
 *   if (isMidsentenceError(error) && error.code === 'no-draft') return
 *   throw error
 * })
 */
export class MidsentenceError extends Error {
  override readonly name = 'MidsentenceError'
  readonly code: ErrorCode
  readonly data: ErrorData
  /** The message without the remedy. */
  readonly problem: string
  /** What only a person can do, as an imperative. Undefined if the caller can act, or the message comes from a server. */
  readonly remedy: string | undefined

  /** A `problem` that is a sentence is followed by another one, a `problem` without an end by a colon and the remedy. */
  constructor(code: ErrorCode, problem: string, { data = {}, cause, remedy }: MidsentenceErrorOptions = {}) {
    super(remedy === undefined ? problem : withRemedy(problem, remedy), cause === undefined ? undefined : { cause })
    this.code = code
    this.data = data
    this.problem = problem
    this.remedy = remedy
  }
}

const withRemedy = (problem: string, remedy: string): string =>
  /[.?]$/.test(problem) ? `${problem} ${remedy[0]!.toUpperCase()}${remedy.slice(1)}.` : `${problem}: ${remedy}.`

/** Recognises a `MidsentenceError`, also one of another copy of core. */
export const isMidsentenceError = (value: unknown): value is MidsentenceError =>
  value instanceof Error && value.name === 'MidsentenceError' && 'code' in value && String(value.code) in rpcNumbers

/**
 * Creates an error from a JSON-RPC error object `{code, message, data?}`. Keeps only the members of `ErrorData`. An unknown
 * number, or a value that is not an error object, becomes `internal`.
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
const noReason = 'The other side refused without a reason.'
const fieldsOf = (value: unknown): Readonly<Record<string, unknown>> => Object(value)
