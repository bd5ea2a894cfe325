import { errorFromRpc } from '../errors.ts'
import { protocolError } from './no-response-error.ts'

/** How a call is made. */
export interface RpcCallOptions {
  readonly token?: string
  /** How long to wait for the answer, in milliseconds. */
  readonly ms: number
  /** Ends the waiting with its reason. */
  readonly signal?: AbortSignal
}

/**
 * JSON-RPC 2.0 with whichever server is in use. A call resolves with its result, or rejects: with the `MidsentenceError`
 * that the server answered, with `Unanswered`, or with its signal's reason.
 */
export interface Rpc {
  call(method: string, params: object, manner: RpcCallOptions): Promise<unknown>
  /** Says something that is not answered. Never fails. */
  notify(method: string, params: object, manner: RpcCallOptions): Promise<void>
  /** Lets go of what it holds open. Idempotent. */
  close?(): void
}

/** The result in an answer to call `id`; throws the error in it. An error that names no call can only be about this one. */
export function resultOf(answer: object, id: number): unknown {
  const named = 'id' in answer ? answer.id : undefined
  if ('error' in answer && (named === id || named === null)) throw errorFromRpc(answer.error)
  if (!('result' in answer)) throw protocolError('its answer is not JSON-RPC')
  if (named !== id) throw protocolError('it answered another call')
  return answer.result
}
