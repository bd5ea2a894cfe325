import { APICallError, JSONParseError, LoadAPIKeyError, RetryError, TypeValidationError } from 'ai'

/** What went wrong with a model, told plainly. */
export interface ModelFailure {
  /** A sentence that says what to do. */
  readonly sentence: string
  /** `passing`: the same call may do better later. `turn`: this message will not be. `lasting`: no other will be either. */
  readonly kind: 'passing' | 'turn' | 'lasting'
  /** When, where the endpoint said so, in milliseconds. */
  readonly after_ms?: number
}

/** The longest wait that an endpoint may ask for, in milliseconds; what asks for more has stopped serving us. */
const MAX_RETRY_AFTER_MS = 300_000

/** What an error of a model or its endpoint means for whoever waits for it. `now` is milliseconds since 1970. */
export function describeFailure(error: unknown, model: string, now: number): ModelFailure {
  if (RetryError.isInstance(error)) return describeFailure(error.lastError, model, now)
  if (LoadAPIKeyError.isInstance(error)) {
    return { sentence: `${model} needs an API key: ${toSingleLine(error.message)}`, kind: 'lasting' }
  }
  if (APICallError.isInstance(error)) return describeCallFailure(error, model, now)
  if (JSONParseError.isInstance(error) || TypeValidationError.isInstance(error)) {
    return { sentence: `${model} sent something that cannot be read as an answer.`, kind: 'passing' }
  }
  return { sentence: `${model} broke off: ${toSingleLine(messageOf(error))}`, kind: 'passing' }
}

function describeCallFailure(error: APICallError, model: string, now: number): ModelFailure {
  const { statusCode: status } = error
  const said = toSingleLine(messageOf(error))
  switch (true) {
    case status === undefined:
      return { sentence: `${model} cannot be reached: ${said}`, kind: 'passing' }
    case status === 401 || status === 403:
      return { sentence: `${model} refuses the API key (${status}): ${said}`, kind: 'lasting' }
    case status === 404:
      return {
        sentence: `${model} is not there (404): check its name and the address of the endpoint. ${said}`,
        kind: 'lasting',
      }
    case status === 408 || status === 409:
      return { sentence: `${model} did not answer in time (${status}): ${said}`, kind: 'passing' }
    case status === 429: {
      const after_ms = retryAfter(error.responseHeaders, now)
      if (after_ms === undefined) return { sentence: `${model} asks to slow down (429): ${said}`, kind: 'passing' }
      const wait = `for ${Math.ceil(after_ms / 1000)} seconds`
      return {
        sentence: `${model} asks to slow down ${wait} (429): ${said}`,
        kind: after_ms <= MAX_RETRY_AFTER_MS ? 'passing' : 'lasting',
        after_ms,
      }
    }
    case status! >= 500: {
      const after_ms = retryAfter(error.responseHeaders, now)
      return {
        sentence: `${model} has trouble of its own (${status}): ${said}`,
        kind: 'passing',
        ...(after_ms !== undefined && { after_ms }),
      }
    }
    case status! >= 200 && status! < 300: {
      const { cause } = error
      const unreadable = JSONParseError.isInstance(cause) || TypeValidationError.isInstance(cause)
      return unreadable
        ? describeFailure(cause, model, now)
        : { sentence: `${model} broke off: ${said}`, kind: 'passing' }
    }
    default:
      return { sentence: `${model} refuses the request (${status}): ${said}`, kind: 'lasting' }
  }
}

/** By `retry-after-ms`, or `retry-after` in seconds or as a date. */
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

/** What an endpoint says, in one line of bounded length: it may be a whole page. */
function toSingleLine(text: string): string {
  const line = text.replace(/[\0-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]+/g, ' ').trim()
  const short = line.length > 300 ? `${line.slice(0, 300)}…` : line
  return /[.!?…]$/.test(short) ? short : `${short}.`
}
