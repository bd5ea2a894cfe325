import { isMidsentenceError, MidsentenceError } from '../errors.ts'
import { quote } from './display-value.ts'
import { type Params, type Request, type RequestError, readRequests } from './requests.ts'
import { errorResponse, successResponse } from './responses.ts'

/** A method as JSON-RPC sees it. `Visit` is what a call needs to know of its surroundings. */
export interface RpcMethod<Visit> {
  /** Reads what came with a call; throws `invalid-params`. What it returns is called once, in its turn. */
  read(params: Params): (visit: Visit, notification: boolean) => unknown
}

export interface RpcService<Visit> {
  readonly methods: ReadonlyMap<string, RpcMethod<Visit>>
  /** Begins one text. Called before its first call, and not at all where there is nothing to call. Must not throw. */
  context(batch: boolean): Visit
  /** Is told what failed without being anybody's mistake outside. Must not throw. */
  fault?(cause: unknown, method: string): void
}

/** A request that waits for its turn. */
interface PendingResponse<Visit> {
  readonly id: string | undefined
  readonly method: string
  readonly run: (visit: Visit, notification: boolean) => unknown
}

/** Undefined for a notification that cannot be made: it is not answered. */
function startCall<Visit>(
  call: Request | RequestError,
  service: RpcService<Visit>,
): PendingResponse<Visit> | RequestError | undefined {
  const { methods, fault } = service
  if ('error' in call) return call
  const { id, method, params } = call
  try {
    const found = methods.get(method)
    if (found) return { id, method, run: found.read(params) }
    const there = [...methods.keys()].join(', ')
    throw new MidsentenceError('method-not-found', `There is no method ${quote(method)}. There are: ${there}.`)
  } catch (error) {
    if (!isMidsentenceError(error)) fault?.(error, method)
    return id === undefined ? undefined : { id, error }
  }
}

async function respond<Visit>(
  turn: PendingResponse<Visit>,
  visit: Visit,
  service: RpcService<Visit>,
): Promise<string | undefined> {
  const { id, method, run } = turn
  try {
    const result = await run(visit, id === undefined)
    return id === undefined ? undefined : successResponse(id, result)
  } catch (cause) {
    if (!isMidsentenceError(cause)) service.fault?.(cause, method)
    return id === undefined ? undefined : errorResponse(id, cause)
  }
}

/** Undefined for what is not answered; what is answered at once is no promise: most texts are one call. */
function startResponse<Visit>(
  turn: PendingResponse<Visit> | RequestError | undefined,
  visit: Visit | undefined,
  service: RpcService<Visit>,
): string | undefined | Promise<string | undefined> {
  if (turn === undefined) return undefined
  return 'run' in turn ? respond(turn, visit!, service) : errorResponse(turn.id, turn.error)
}

/**
 * Answers one text by the letter of JSON-RPC 2.0; undefined where there is nothing to answer. Its calls begin before
 * this returns, each behind the one before; it resolves when all have ended, and never rejects.
 */
export function respondToText<Visit>(text: string, service: RpcService<Visit>): Promise<string | undefined> {
  try {
    const { batch, calls } = readRequests(text)
    const turns = calls.map(call => startCall(call, service))
    const visit = turns.some(turn => turn && 'run' in turn) ? service.context(batch) : undefined
    const answers = turns.map(turn => startResponse(turn, visit, service))
    return batch ? Promise.all(answers).then(batchResponse) : Promise.resolve(answers[0])
  } catch (error) {
    return Promise.resolve(errorResponse('null', error))
  }
}

function batchResponse(answers: readonly (string | undefined)[]): string | undefined {
  const said = answers.filter(each => each !== undefined)
  return said.length === 0 ? undefined : `[${said.join(',')}]`
}
