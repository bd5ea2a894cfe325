import type { Clock } from '../ports/clock.ts'
import { NoResponseError } from './no-response-error.ts'
import type { Rpc } from './rpc.ts'

/** How long one attempt waits for its answer, in milliseconds. */
export const ANSWER_MS = 15_000

/** Options of a call that is repeated while no answer comes. */
export interface RepeatedCallOptions {
  readonly token?: string
  /** How long the server may wait before it answers, in milliseconds. */
  readonly waitMs: number
  /** How long one attempt waits for its answer, in milliseconds. Default 15,000. */
  readonly answerMs?: number
  readonly clock: Clock
  readonly signal?: AbortSignal
  /** Called before each repetition: from now on the outcome of a failed call is unknown. */
  onRepeat?(): void
}

/**
 * Calls `method` and repeats it after 15 s without an answer, over HTTP on a new connection. If the server may be waiting,
 * it first asks `who`, which waits for nothing: a dead server is noticed within 30 s. Gives up 30 s after `waitMs`. The
 * repetition replaces the old connection, so it does not matter whether that one was dead or the server was waiting.
 *
 * Only for calls that may be repeated: those with a key, and reads. Rejects as `Rpc.call` does.
 */
export async function repeatedCall(
  rpc: Pick<Rpc, 'call'>,
  method: string,
  params: object,
  { token, waitMs, answerMs = ANSWER_MS, clock, signal, onRepeat }: RepeatedCallOptions,
): Promise<unknown> {
  const rest = { ...(token !== undefined && { token }), ...(signal && { signal }) }
  const until = clock.monotonic() + waitMs + 2 * answerMs
  const left = () => Math.min(answerMs, until - clock.monotonic())
  for (;;) {
    try {
      return await rpc.call(method, params, { ...rest, ms: left() })
    } catch (error) {
      if (!(error instanceof NoResponseError) || !error.timedOut || left() <= 0) throw error
      onRepeat?.()
      if (waitMs > 0) {
        await rpc.call('who', {}, { ...rest, ms: answerMs }).catch(failure => {
          if (signal?.aborted) throw signal.reason
          // Any answer of the server shows that it is alive, also an error.
          if (failure instanceof NoResponseError) throw failure
        })
      }
    }
  }
}
