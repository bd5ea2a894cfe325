import { isMidsentenceError, MidsentenceError } from '../errors.ts'
import { quote } from './display-value.ts'
import { type InvalidRequest, type RpcParams, type RpcRequest, readRequests } from './requests.ts'
import { errorResponse, successResponse } from './responses.ts'

/** A method as JSON-RPC sees it. `Context` is passed to each call. */
export interface RpcMethod<Context> {
  /** Reads the params of a call and returns a function that runs it. Throws `invalid-params`. */
  read(params: RpcParams): (context: Context, notification: boolean) => unknown
}

/** What `respondToText` needs to answer calls. */
export interface RpcService<Context> {
  readonly methods: ReadonlyMap<string, RpcMethod<Context>>
  /** Creates the context of one text, before its first call; not called if the text has no valid call. Must not throw. */
  context(batch: boolean): Context
  /** Receives unexpected errors. Must not throw. */
  fault?(cause: unknown, method: string): void
}

/** A request whose params were read. */
interface PreparedCall<Context> {
  readonly id: string | undefined
  readonly method: string
  readonly run: (context: Context, notification: boolean) => unknown
}

/** Reads a call; undefined for an invalid notification, which gets no response. */
function readCall<Context>(
  call: RpcRequest | InvalidRequest,
  service: RpcService<Context>,
): PreparedCall<Context> | InvalidRequest | undefined {
  const { methods, fault } = service
  if ('error' in call) return call
  const { id, method, params } = call
  try {
    const definition = methods.get(method)
    if (definition) return { id, method, run: definition.read(params) }
    const names = [...methods.keys()].join(', ')
    throw new MidsentenceError('method-not-found', `There is no method ${quote(method)}. The methods are: ${names}.`)
  } catch (error) {
    if (!isMidsentenceError(error)) fault?.(error, method)
    return id === undefined ? undefined : { id, error }
  }
}

async function respond<Context>(
  call: PreparedCall<Context>,
  context: Context,
  service: RpcService<Context>,
): Promise<string | undefined> {
  const { id, method, run } = call
  try {
    const result = await run(context, id === undefined)
    return id === undefined ? undefined : successResponse(id, result)
  } catch (cause) {
    if (!isMidsentenceError(cause)) service.fault?.(cause, method)
    return id === undefined ? undefined : errorResponse(id, cause)
  }
}

/** Runs a prepared call. Errors are returned synchronously; undefined for a call without a response. */
function startResponse<Context>(
  call: PreparedCall<Context> | InvalidRequest | undefined,
  context: Context | undefined,
  service: RpcService<Context>,
): string | undefined | Promise<string | undefined> {
  if (call === undefined) return undefined
  return 'run' in call ? respond(call, context!, service) : errorResponse(call.id, call.error)
}

/**
 * Answers one text as JSON-RPC 2.0 requires; undefined if nothing is to be answered. Starts its calls in order, before it
 * returns. Resolves when all have ended; never rejects.
 */
export function respondToText<Context>(text: string, service: RpcService<Context>): Promise<string | undefined> {
  try {
    const { batch, calls } = readRequests(text)
    const prepared = calls.map(call => readCall(call, service))
    const context = prepared.some(call => call && 'run' in call) ? service.context(batch) : undefined
    const answers = prepared.map(call => startResponse(call, context, service))
    return batch ? Promise.all(answers).then(batchResponse) : Promise.resolve(answers[0])
  } catch (error) {
    return Promise.resolve(errorResponse('null', error))
  }
}

function batchResponse(answers: readonly (string | undefined)[]): string | undefined {
  const responses = answers.filter(each => each !== undefined)
  return responses.length === 0 ? undefined : `[${responses.join(',')}]`
}
