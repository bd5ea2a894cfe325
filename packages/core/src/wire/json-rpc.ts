import { isMidsentenceError, MidsentenceError } from '../errors.ts'
import { answerCost, callCosts, requestCost } from '../hub/access/call-cost.ts'
import { quote } from './display-value.ts'
import { type InvalidRequest, type RpcParams, type RpcRequest, readRequests } from './requests.ts'
import { errorResponse, successResponse } from './responses.ts'

/** A method as JSON-RPC sees it. `Context` is passed to each call. */
export interface RpcMethod<Context> {
  /** Its points, if they differ from those of other calls. */
  readonly cost?: number
  /** It is refused in a batch: its answer is large. */
  readonly alone?: true
  /** Reads the params of a call and returns a function that runs it. Throws `invalid-params`. */
  read(params: RpcParams): (context: Context, notification: boolean) => unknown
}

/** What calls charge for their answers. */
export interface RpcContext {
  /** Takes points from the session of the calls, if there is one. */
  charge(points: number): void
}

/** What `prepareText` needs to answer calls. */
export interface RpcService<Context extends RpcContext> {
  readonly methods: ReadonlyMap<string, RpcMethod<Context>>
  /** Receives unexpected errors. Must not throw. */
  fault?(cause: unknown, method: string): void
}

/** A request whose params were read. */
interface PreparedCall<Context> {
  readonly id: string | undefined
  readonly method: string
  readonly run: (context: Context, notification: boolean) => unknown
}

type ReadCall<Context> = PreparedCall<Context> | InvalidRequest | undefined

/** Reads a call; undefined for an invalid notification, which gets no response. */
function readCall<Context extends RpcContext>(
  call: RpcRequest | InvalidRequest,
  batch: boolean,
  service: RpcService<Context>,
): ReadCall<Context> {
  const { methods, fault } = service
  if ('error' in call) return call
  const { id, method, params } = call
  try {
    const definition = methods.get(method)
    if (batch && definition?.alone) throw aloneError(method)
    if (definition) return { id, method, run: definition.read(params) }
    const names = [...methods.keys()].join(', ')
    throw new MidsentenceError('method-not-found', `There is no method ${quote(method)}. The methods are: ${names}.`)
  } catch (error) {
    if (!isMidsentenceError(error)) fault?.(error, method)
    return id === undefined ? undefined : { id, error }
  }
}

const aloneError = (method: string) =>
  new MidsentenceError('invalid-request', `${method} has a large answer: send it as a single request, not in a batch.`)

async function respond<Context extends RpcContext>(
  call: PreparedCall<Context>,
  context: Context,
  service: RpcService<Context>,
): Promise<string | undefined> {
  const { id, method, run } = call
  try {
    const result = await run(context, id === undefined)
    if (id === undefined) return undefined
    const response = successResponse(id, result)
    context.charge(answerCost(response.length))
    return response
  } catch (cause) {
    if (!isMidsentenceError(cause)) service.fault?.(cause, method)
    return id === undefined ? undefined : errorResponse(id, cause)
  }
}

/** Runs a prepared call. Errors are returned synchronously; undefined for a call without a response. */
function startResponse<Context extends RpcContext>(
  call: ReadCall<Context>,
  context: Context | undefined,
  service: RpcService<Context>,
): string | undefined | Promise<string | undefined> {
  if (call === undefined) return undefined
  return 'run' in call ? respond(call, context!, service) : errorResponse(call.id, call.error)
}

/** A request or batch whose calls were read, but not run. */
export class PreparedText<Context extends RpcContext> {
  readonly batch: boolean
  readonly #characters: number
  readonly #requests: readonly (RpcRequest | InvalidRequest)[]
  readonly #calls: readonly ReadCall<Context>[]
  readonly #service: RpcService<Context>

  constructor(text: string, service: RpcService<Context>) {
    this.#characters = text.length
    this.#service = service
    const { batch, calls } = readText(text)
    this.batch = batch
    this.#requests = calls
    this.#calls = calls.map(call => readCall(call, batch, service))
  }

  /** What it costs before it runs, in points: the sum of its calls, and its characters. */
  get cost(): number {
    return this.#requests.reduce((sum, call) => sum + callCost(call, this.#service), requestCost(this.#characters))
  }

  /** Whether it has a valid call. */
  get isRunnable(): boolean {
    return this.#calls.some(call => call !== undefined && 'run' in call)
  }

  /**
   * Answers as JSON-RPC 2.0 requires; undefined if nothing is to be answered. Starts the calls in order, before it returns.
   * Resolves when all have ended; never rejects. `context` may be undefined if nothing is runnable.
   */
  run(context: Context | undefined): Promise<string | undefined> {
    const answers = this.#calls.map(call => startResponse(call, context, this.#service))
    context?.charge(requestCost(this.#characters))
    return this.batch ? Promise.all(answers).then(batchResponse) : Promise.resolve(answers[0])
  }
}

/** Reads the requests of a text. One that cannot be read is one invalid request. */
function readText(text: string): ReturnType<typeof readRequests> {
  try {
    return readRequests(text)
  } catch (error) {
    return { batch: false, calls: [{ id: 'null', error }] }
  }
}

const callCost = <Context extends RpcContext>(
  call: RpcRequest | InvalidRequest,
  { methods }: RpcService<Context>,
): number => ('error' in call ? undefined : methods.get(call.method)?.cost) ?? callCosts.call

function batchResponse(answers: readonly (string | undefined)[]): string | undefined {
  const responses = answers.filter(each => each !== undefined)
  return responses.length === 0 ? undefined : `[${responses.join(',')}]`
}
