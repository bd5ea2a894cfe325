import {
  APICallError,
  InvalidResponseDataError,
  JSONParseError,
  LoadAPIKeyError,
  RetryError,
  TypeValidationError,
} from 'ai'
import { isContextError } from './context-error.ts'
import { EMPTY_ANSWER } from './endpoint-fetch.ts'
import { endpointWords, errorOf } from './endpoint-words.ts'

/** A failed model call. */
export interface ModelFailure {
  /** Describes the error and what to do, for a person. */
  readonly sentence: string
  /**
   * `transient`: a retry may succeed. `context`: the prompt was too long, and a shorter one may succeed. `turn`: this turn
   * cannot succeed. `permanent`: no turn can succeed.
   */
  readonly kind: 'transient' | 'context' | 'turn' | 'permanent'
  /** Pause before a retry that the endpoint asked for, in milliseconds. */
  readonly after_ms?: number
  /** The endpoint refused the call, or was not reached: it used no tokens. */
  readonly isFree?: true
}

/** Longest pause accepted from an endpoint, in milliseconds. A longer one counts as a permanent failure. */
const MAX_RETRY_AFTER_MS = 300_000

/**
 * Classifies and describes an error of a model or its endpoint. `now` is in milliseconds since 1970. `hasBegun`: it had sent
 * a part of its answer.
 */
export function describeFailure(error: unknown, model: string, now: number, hasBegun = false): ModelFailure {
  if (RetryError.isInstance(error)) return describeFailure(error.lastError, model, now, hasBegun)
  if (isUnsupportedVersion(error)) return unsupportedVersion(error.version, model)
  if (LoadAPIKeyError.isInstance(error)) {
    return { sentence: `${model} needs an API key: ${toSingleLine(error.message)}`, kind: 'permanent', isFree: true }
  }
  if (APICallError.isInstance(error)) return describeCallFailure(error, model, now, hasBegun)
  if (InvalidResponseDataError.isInstance(error)) {
    const sentence = hasBegun
      ? `${model} closed the connection before its answer was complete.`
      : `${model} closed the connection without an answer: look at the log of its endpoint.`
    return { sentence, kind: 'transient' }
  }
  if (JSONParseError.isInstance(error) || TypeValidationError.isInstance(error)) {
    return { sentence: `${model} sent an answer that cannot be parsed.`, kind: 'transient' }
  }
  // An error that the endpoint sent within its stream.
  const { words = messageOf(error), status } = errorOf(error) ?? {}
  if (!hasBegun && status !== undefined) return describeStatus(status, words, model, undefined, now)
  return {
    sentence: `${model} stopped in the middle of its answer: ${toSingleLine(words)}`,
    kind: isContextError(words) ? 'context' : 'transient',
  }
}

const isUnsupportedVersion = (error: unknown): error is Error & { readonly version: string } =>
  error instanceof Error && error.name === 'AI_UnsupportedModelVersionError'

const unsupportedVersion = (version: string, model: string): ModelFailure => ({
  sentence:
    `${model} implements LanguageModel${version.toUpperCase()}, and the installed AI SDK does not support that: AI SDK 6 takes V2 and V3, ` +
    `and AI SDK 7 takes V4 too. Install ai@7 (with Node.js 22 or later), or a version of the model's provider for AI SDK 6.`,
  kind: 'permanent',
  isFree: true,
})

function describeCallFailure(error: APICallError, model: string, now: number, hasBegun: boolean): ModelFailure {
  const { statusCode: status, responseBody, responseHeaders, cause } = error
  // The SDK wraps an error that comes before the first event of a stream.
  if (APICallError.isInstance(cause)) return describeCallFailure(cause, model, now, hasBegun)
  if (status === undefined) {
    return {
      sentence: `${model} cannot be reached: ${toSingleLine(messageOf(error))}`,
      kind: 'transient',
      isFree: true,
    }
  }
  const said = endpointWords(responseBody ?? '')
  if (status < 200 || status >= 300) {
    const words = said.words === '' || said.kind === 'json' ? messageOf(error) : said.words
    // A body says more about the context than its words, such as the type of the error.
    const context = isContextError(`${responseBody ?? ''} ${words}`)
    return { ...describeStatus(status, words, model, responseHeaders, now, context), isFree: true }
  }
  if (error.message === EMPTY_ANSWER) {
    const sentence = `${model} ended its answer without a word: look at the log of its endpoint, ${withoutQuery(error.url)}.`
    return { sentence, kind: 'transient' }
  }
  if (JSONParseError.isInstance(cause) || TypeValidationError.isInstance(cause)) {
    return describeFailure(cause, model, now, hasBegun)
  }
  const words = toSingleLine(said.words === '' ? messageOf(error) : said.words)
  const where = 'check the address of the endpoint, which often ends in /v1'
  switch (said.kind) {
    case 'error':
      if (said.status !== undefined || isContextError(responseBody!)) {
        const context = isContextError(responseBody!)
        return describeStatus(said.status ?? 400, said.words, model, responseHeaders, now, context)
      }
      return { sentence: `${model} reports an error: ${words}`, kind: 'transient' }
    case 'page':
      return { sentence: `${model} answers with a web page: ${where}. The page says: ${words}`, kind: 'permanent' }
    case 'completion':
      return {
        sentence: `${model} answers in one piece and not as a stream: check that its endpoint supports "stream": true. Its answer: ${words}`,
        kind: 'permanent',
      }
    case 'json':
      return {
        sentence: `${model} answers with JSON that is no completion: ${where}. It says: ${words}`,
        kind: 'permanent',
      }
    case 'text':
      return { sentence: `${model} stopped in the middle of its answer: ${words}`, kind: 'transient' }
  }
}

/** A query may hold a key. */
const withoutQuery = (url: string): string => url.replace(/[?#].*$/, '')

function describeStatus(
  status: number,
  text: string,
  model: string,
  headers: Readonly<Record<string, string>> | undefined,
  now: number,
  isContext = isContextError(text),
): ModelFailure {
  const words = toSingleLine(text)
  if (isContext) {
    return { sentence: `${model} cannot take a prompt of this length (${status}): ${words}`, kind: 'context' }
  }
  switch (status) {
    case 401:
    case 403:
      return { sentence: `${model} refuses the API key (${status}): ${words}`, kind: 'permanent' }
    case 404:
      return {
        sentence: `${model} was not found (404): check the model name and the address of the endpoint. ${words}`,
        kind: 'permanent',
      }
    case 408:
    case 409:
      return { sentence: `${model} did not answer in time (${status}): ${words}`, kind: 'transient' }
    case 429: {
      const after_ms = retryAfter(headers, now)
      if (!after_ms) return { sentence: `${model} asks to slow down (429): ${words}`, kind: 'transient' }
      const wait = `for ${Math.ceil(after_ms / 1000)} seconds`
      return {
        sentence: `${model} asks to slow down ${wait} (429): ${words}`,
        kind: after_ms <= MAX_RETRY_AFTER_MS ? 'transient' : 'permanent',
        after_ms,
      }
    }
  }
  if (status < 500) return { sentence: `${model} refuses the request (${status}): ${words}`, kind: 'permanent' }
  const after_ms = retryAfter(headers, now)
  return {
    sentence: `${model} has an internal error (${status}): ${words}`,
    kind: 'transient',
    ...(after_ms !== undefined && { after_ms }),
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
