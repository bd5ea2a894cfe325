import { MidsentenceError } from '../errors.ts'
import { displayValue } from './display-value.ts'
import { numberIdsAsWritten } from './number-ids.ts'

/** What a call brings: by name, or by position, as its method takes it. */
export type Params = Readonly<Record<string, unknown>> | readonly unknown[]

/** A well-formed request. `id` is JSON, to be echoed as it stands; a notification has none. */
export interface Request {
  readonly id: string | undefined
  readonly method: string
  readonly params: Params
}

/** What is no request, and is answered all the same. */
export interface RequestError {
  readonly id: string
  readonly error: unknown
}

/** What one text asks for, in order. */
export interface Incoming {
  readonly batch: boolean
  readonly calls: readonly (Request | RequestError)[]
}

/** The longest batch. */
export const batchLimit = 50

const invalid = (message: string) => new MidsentenceError('invalid-request', message)

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (cause) {
    if (cause instanceof RangeError) throw invalid('This is nested too deep to be read: send a flatter request.')
    throw new MidsentenceError(
      'parse-error',
      'This is not valid JSON: look for a missing quote, or for a comma behind the last member.',
    )
  }
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const isValidId = (id: unknown) => id === null || typeof id === 'string' || typeof id === 'number'

/** What is wrong with a request, if anything is. */
function requestProblem(request: Readonly<Record<string, unknown>>): string | undefined {
  const { jsonrpc, method, params } = request
  const came = (value: unknown) => (value === undefined ? 'it is missing' : `${displayValue(value)} came`)
  if (Object.hasOwn(request, 'id') && !isValidId(request.id)) {
    return `The "id" of a request must be a string, a number or null, but ${came(request.id)}.`
  }
  if (jsonrpc !== '2.0') return `A request must say "jsonrpc": "2.0", but ${came(jsonrpc)}.`
  if (typeof method !== 'string') return `The "method" of a request must be a string, but ${came(method)}.`
  if (params !== undefined && (typeof params !== 'object' || params === null)) {
    return `The "params" of a request must be an object or left out, but ${came(params)}.`
  }
  return undefined
}

function readRequest(value: unknown, written: () => string | undefined): Request | RequestError {
  if (!isObject(value)) {
    return {
      id: 'null',
      error: invalid(`A request must be an object with a "method", but ${displayValue(value)} came.`),
    }
  }
  const idOf = () => {
    if (!Object.hasOwn(value, 'id')) return undefined
    const exact = typeof value.id !== 'number' || Number.isSafeInteger(value.id)
    return (exact ? undefined : written()) ?? JSON.stringify(value.id)
  }
  const wrong = requestProblem(value)
  if (wrong) return { id: (isValidId(value.id) ? idOf() : undefined) ?? 'null', error: invalid(wrong) }
  return { id: idOf(), method: value.method as string, params: (value.params ?? {}) as Params }
}

/** Reads one text: a request or a batch. Throws what is wrong with the text as a whole. */
export function readRequests(text: string): Incoming {
  const value = parse(text)
  const batch = Array.isArray(value)
  if (batch && value.length === 0) throw invalid('A batch must hold at least one request, but this one is empty.')
  if (batch && value.length > batchLimit) {
    throw invalid(
      `A batch holds at most ${batchLimit} requests, but ${value.length} came: nothing of it was done, send it in parts.`,
    )
  }
  let ids: (string | undefined)[] | undefined
  const written = (place: number) => () => {
    ids ??= numberIdsAsWritten(text)
    return ids[place]
  }
  const calls = (batch ? value : [value]).map((each, place) => readRequest(each, written(place)))
  return { batch, calls }
}
