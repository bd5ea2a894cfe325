import { APICallError, JSONParseError, LoadAPIKeyError, RetryError, TypeValidationError } from 'ai'

/** A failed model call. */
export interface ModelFailure {
  /** Describes the error and what to do, for a person. */
  readonly sentence: string
  /** `transient`: a retry may succeed. `turn`: this turn cannot succeed. `permanent`: no turn can succeed. */
  readonly kind: 'transient' | 'turn' | 'permanent'
  /** Pause before a retry that the endpoint asked for, in milliseconds. */
  readonly after_ms?: number
}

/** Longest pause accepted from an endpoint, in milliseconds. A longer one counts as a permanent failure. */
const MAX_RETRY_AFTER_MS = 300_000

/** Classifies and describes an error of a model or its endpoint. `now` is in milliseconds since 1970. */
export function describeFailure(error: unknown, model: string, now: number): ModelFailure {
  if (RetryError.isInstance(error)) return describeFailure(error.lastError, model, now)
  if (LoadAPIKeyError.isInstance(error)) {
    return { sentence: `${model} needs an API key: ${toSingleLine(error.message)}`, kind: 'permanent' }
  }
  if (APICallError.isInstance(error)) return describeCallFailure(error, model, now)
  if (JSONParseError.isInstance(error) || TypeValidationError.isInstance(error)) {
    return { sentence: `${model} sent an answer that cannot be parsed.`, kind: 'transient' }
  }
  return {
    sentence: `${model} stopped in the middle of its answer: ${toSingleLine(messageOf(error))}`,
    kind: 'transient',
  }
}

function describeCallFailure(error: APICallError, model: string, now: number): ModelFailure {
  const { statusCode: status } = error
  const detail = toSingleLine(messageOf(error))
  switch (true) {
    case status === undefined:
      return { sentence: `${model} cannot be reached: ${detail}`, kind: 'transient' }
    case status === 401 || status === 403:
      return { sentence: `${model} refuses the API key (${status}): ${detail}`, kind: 'permanent' }
    case status === 404:
      return {
        sentence: `${model} was not found (404): check the model name and the address of the endpoint. ${detail}`,
        kind: 'permanent',
      }
    case status === 408 || status === 409:
      return { sentence: `${model} did not answer in time (${status}): ${detail}`, kind: 'transient' }
    case status === 429: {
      const after_ms = retryAfter(error.responseHeaders, now)
      if (!after_ms) return { sentence: `${model} asks to slow down (429): ${detail}`, kind: 'transient' }
      const wait = `for ${Math.ceil(after_ms / 1000)} seconds`
      return {
        sentence: `${model} asks to slow down ${wait} (429): ${detail}`,
        kind: after_ms <= MAX_RETRY_AFTER_MS ? 'transient' : 'permanent',
        after_ms,
      }
    }
    case status! >= 500: {
      const after_ms = retryAfter(error.responseHeaders, now)
      return {
        sentence: `${model} has an internal error (${status}): ${detail}`,
        kind: 'transient',
        ...(after_ms !== undefined && { after_ms }),
      }
    }
    case status! >= 200 && status! < 300: {
      const { cause } = error
      const unreadable = JSONParseError.isInstance(cause) || TypeValidationError.isInstance(cause)
      return unreadable
        ? describeFailure(cause, model, now)
        : { sentence: `${model} stopped in the middle of its answer: ${detail}`, kind: 'transient' }
    }
    default:
      return { sentence: `${model} refuses the request (${status}): ${detail}`, kind: 'permanent' }
  }
}

/** Reads `retry-after-ms`, or `retry-after` in seconds or as a date. Returns milliseconds. */
function retryAfter(headers: Readonly<Record<string, string>> | undefined, now: number): number | undefined {
  const ms = Number.parseFloat(headers?.['retry-after-ms'] ?? '')
  if (ms >= 0) return ms
  const text = headers?.['retry-after'] ?? ''
  const seconds = Number.parseFloat(text)
  if (seconds >= 0 && /^[\d.]+$/.test(text)) return seconds * 1000
  const date = Date.parse(text)
  return Number.isNaN(date) ? undefined : Math.max(0, date - now)
}

function messageOf(error: unknown): string {
  if (error instanceof Error) {
    const { cause } = error
    return cause instanceof Error && cause.message !== '' ? `${error.message} (${cause.message})` : error.message
  }
  if (typeof error === 'string') return error
  const { message, error: inner } = Object(error)
  return typeof message === 'string'
    ? message
    : inner === undefined
      ? (JSON.stringify(error) ?? String(error))
      : messageOf(inner)
}

/** Reduces an error text, which may be a whole web page, to one line of at most 300 characters. */
function toSingleLine(text: string): string {
  const line = text.replace(/[\0-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]+/g, ' ').trim()
  const short = line.length > 300 ? `${line.slice(0, 300)}…` : line
  return /[.!?…]$/.test(short) ? short : `${short}.`
}
