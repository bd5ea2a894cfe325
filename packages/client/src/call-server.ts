import { type Clock, systemClock } from '@midsentence/core'
import {
  ANSWER_MS,
  NoResponseError,
  type Rpc,
  repeatedCall,
  ServerAddresses,
  transportErrors,
} from '@midsentence/core/rpc-client'
import { httpRpc, type StreamFetch } from '@midsentence/transport-sse/client'

/** Pauses before the attempts after a broken connection, in milliseconds. */
const RETRY_DELAYS_MS = [200, 1000]

export interface ServerCallOptions {
  readonly token?: string
  /** Path of JSON-RPC below the address. Default `/rpc`. */
  readonly path?: string
  /** How long the server may wait before it answers, in milliseconds. Default 0. */
  readonly waitMs?: number
  /** How long one attempt waits for its answer, in milliseconds. Default 15,000. */
  readonly answerMs?: number
  /** True if the call may be repeated: it has a key, or changes nothing. Default false. */
  readonly repeatable?: boolean
  /** True to try again for about a second while no server answers at all. Default false. */
  readonly retryRefused?: boolean
  readonly clock?: Clock
  /** Aborts the wait for the answer, with its reason. */
  readonly signal?: AbortSignal
  readonly fetch?: StreamFetch
}

/**
 * Calls a JSON-RPC method of the midsentence server at `url`, and resolves with its result. An attempt ends within 15 s; a
 * repeatable call is then made again on a new connection. Of several servers that share their rooms, the next one is called
 * if nothing reached the first, and by a repetition. Pass `ServerAddresses` to let later calls begin where this one ended.
 *
 * Rejects with the `MidsentenceError` that the server returned, or with `unavailable` and a sentence that names the likely
 * cause; `data.unknown` is true if the call may have had its effect.
 */
export async function callServer(
  url: string | readonly string[] | ServerAddresses,
  method: string,
  params: object,
  options: ServerCallOptions = {},
): Promise<unknown> {
  const { clock = systemClock(), repeatable = false, retryRefused = false, waitMs = 0, answerMs = ANSWER_MS } = options
  const { token, path, fetch, signal } = options
  const addresses = url instanceof ServerAddresses ? url : new ServerAddresses([url].flat())
  let failedAt = addresses.url
  const call: Rpc['call'] = async (...args) => {
    for (let left = addresses.count - 1; ; left--) {
      const { url } = addresses
      try {
        const rpc = httpRpc(url, { clock, ...(path !== undefined && { path }), ...(fetch && { fetch }) })
        return await rpc.call(...args)
      } catch (error) {
        if (!(error instanceof NoResponseError)) throw error
        failedAt = url
        addresses.next(url)
        if (left === 0 || error.outcomeUnknown) throw error
      }
    }
  }
  const shared = { ...(token !== undefined && { token }), ...(signal && { signal }) }
  let unknown = false
  const onRepeat = () => {
    unknown = true
  }
  const attempt = () =>
    repeatable
      ? repeatedCall({ call }, method, params, { ...shared, waitMs, answerMs, clock, onRepeat })
      : call(method, params, { ...shared, ms: waitMs + answerMs })
  const allowExit = clock.keepProcessAlive()
  try {
    for (let tries = 0; ; tries++) {
      try {
        return await attempt()
      } catch (error) {
        if (!(error instanceof NoResponseError)) throw error
        unknown ||= error.outcomeUnknown
        const ms = RETRY_DELAYS_MS[tries]
        const isBroken = !error.timedOut && error.status === undefined && (unknown || retryRefused)
        if (!repeatable || !isBroken || ms === undefined) {
          // A call that may have had its effect was not made elsewhere.
          const tried = error.outcomeUnknown ? failedAt : addresses.names
          throw transportErrors.connectFailed(failedAt, error, unknown, tried)
        }
        await new Promise<void>(resolve => clock.after(ms, resolve))
      }
    }
  } finally {
    allowExit()
  }
}
