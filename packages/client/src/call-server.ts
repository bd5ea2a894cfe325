import { type Clock, systemClock } from '@midsentence/core'
import { ANSWER_MS, NoResponseError, repeatedCall, transportErrors } from '@midsentence/core/rpc-client'
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
 * repeatable call is then made again on a new connection.
 *
 * Rejects with the `MidsentenceError` that the server returned, or with `unavailable` and a sentence that names the likely
 * cause; `data.unknown` is true if the call may have had its effect.
 */
export async function callServer(
  url: string,
  method: string,
  params: object,
  options: ServerCallOptions = {},
): Promise<unknown> {
  const { clock = systemClock(), repeatable = false, retryRefused = false, waitMs = 0, answerMs = ANSWER_MS } = options
  const { token, path, fetch, signal } = options
  const rpc = httpRpc(url, { clock, ...(path !== undefined && { path }), ...(fetch && { fetch }) })
  const shared = { ...(token !== undefined && { token }), ...(signal && { signal }) }
  let unknown = false
  const onRepeat = () => {
    unknown = true
  }
  const attempt = () =>
    repeatable
      ? repeatedCall(rpc, method, params, { ...shared, waitMs, answerMs, clock, onRepeat })
      : rpc.call(method, params, { ...shared, ms: waitMs + answerMs })
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
          throw transportErrors.connectFailed(url.replace(/\/+$/, ''), error, unknown)
        }
        await new Promise<void>(resolve => clock.after(ms, resolve))
      }
    }
  } finally {
    allowExit()
  }
}
