import { errorFromRpc } from '../errors.ts'
import { protocolError } from './no-response-error.ts'

/** Options of a call. */
export interface RpcCallOptions {
  readonly token?: string
  /** How long to wait for the answer, in milliseconds. */
  readonly ms: number
  /** Aborts the wait with its reason. */
  readonly signal?: AbortSignal
}

/**
 * JSON-RPC 2.0 with the current server. A call resolves with its result. It rejects with the server's `MidsentenceError`,
 * with a `NoResponseError`, or with the reason of its signal.
 */
export interface Rpc {
  call(method: string, params: object, options: RpcCallOptions): Promise<unknown>
  /** Sends a notification. Never fails. */
  notify(method: string, params: object, options: RpcCallOptions): Promise<void>
  /** Releases open connections. Idempotent. */
  close?(): void
}

/** Returns the result in the answer to call `id`, or throws its error. An error without an id belongs to this call. */
export function resultOf(answer: object, id: number): unknown {
  const named = 'id' in answer ? answer.id : undefined
  if ('error' in answer && (named === id || named === null)) throw errorFromRpc(answer.error)
  if (!('result' in answer)) throw protocolError('its answer is not JSON-RPC')
  if (named !== id) throw protocolError('it answered another call')
  return answer.result
}
