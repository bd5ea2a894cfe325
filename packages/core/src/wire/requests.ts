import { MidsentenceError } from '../errors.ts'
import { displayValue } from './display-value.ts'
import { numberIdsAsWritten } from './number-ids.ts'

/** The params of a call, by name or by position. */
export type RpcParams = Readonly<Record<string, unknown>> | readonly unknown[]

/** A valid request. `id` is JSON, repeated unchanged in the response; undefined for a notification. */
export interface RpcRequest {
  readonly id: string | undefined
  readonly method: string
  readonly params: RpcParams
}

/** An invalid request, to be answered with an error. */
export interface InvalidRequest {
  readonly id: string
  readonly error: unknown
}

/** The requests of one text, in order. */
export interface RequestBatch {
  readonly batch: boolean
  readonly calls: readonly (RpcRequest | InvalidRequest)[]
}

/** The maximum number of requests in a batch. */
export const batchLimit = 50

const invalid = (message: string) => new MidsentenceError('invalid-request', message)

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (cause) {
    if (cause instanceof RangeError) throw invalid('The JSON is nested too deep to be read: send a flatter request.')
    throw new MidsentenceError(
      'parse-error',
      'This is not valid JSON: look for a missing quote, or a comma after the last member.',
    )
  }
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const isValidId = (id: unknown) => id === null || typeof id === 'string' || typeof id === 'number'

/** Describes what is wrong with a request; undefined for a valid one. */
function requestProblem(request: Readonly<Record<string, unknown>>): string | undefined {
  const { jsonrpc, method, params } = request
  const actual = (value: unknown) => (value === undefined ? 'it is missing' : `it is ${displayValue(value)}`)
  if (Object.hasOwn(request, 'id') && !isValidId(request.id)) {
    return `The "id" of a request must be a string, a number or null, but ${actual(request.id)}.`
  }
  if (jsonrpc !== '2.0') return `A request must say "jsonrpc": "2.0", but ${actual(jsonrpc)}.`
  if (typeof method !== 'string') return `The "method" of a request must be a string, but ${actual(method)}.`
  if (params !== undefined && (typeof params !== 'object' || params === null)) {
    return `The "params" of a request must be an object or left out, but ${actual(params)}.`
  }
  return undefined
}

function readRequest(value: unknown, asWritten: () => string | undefined): RpcRequest | InvalidRequest {
  if (!isObject(value)) {
    return {
      id: 'null',
      error: invalid(`A request must be an object with a "method", but it is ${displayValue(value)}.`),
    }
  }
  const idOf = () => {
    if (!Object.hasOwn(value, 'id')) return undefined
    const exact = typeof value.id !== 'number' || Number.isSafeInteger(value.id)
    return (exact ? undefined : asWritten()) ?? JSON.stringify(value.id)
  }
  const problem = requestProblem(value)
  if (problem) return { id: (isValidId(value.id) ? idOf() : undefined) ?? 'null', error: invalid(problem) }
  return { id: idOf(), method: value.method as string, params: (value.params ?? {}) as RpcParams }
}

/** Reads a request or a batch. Throws `parse-error`, or `invalid-request` for an empty or too long batch. */
export function readRequests(text: string): RequestBatch {
  const value = parse(text)
  const batch = Array.isArray(value)
  if (batch && value.length === 0) throw invalid('A batch must have at least one request, but this one is empty.')
  if (batch && value.length > batchLimit) {
    throw invalid(
      `A batch has at most ${batchLimit} requests, but this one has ${value.length}. None was run: send it in parts.`,
    )
  }
  let ids: (string | undefined)[] | undefined
  const asWritten = (index: number) => () => {
    ids ??= numberIdsAsWritten(text)
    return ids[index]
  }
  const calls = (batch ? value : [value]).map((each, index) => readRequest(each, asWritten(index)))
  return { batch, calls }
}
