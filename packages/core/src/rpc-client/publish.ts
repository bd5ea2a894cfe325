import { isMidsentenceError, type MidsentenceError } from '../errors.ts'
import type { Clock } from '../ports/clock.ts'
import type { PublishRequest, Verdict } from '../ports/transport.ts'
import { NoResponseError, protocolError } from './no-response-error.ts'
import { readVerdict } from './read-response.ts'
import { repeatedCall } from './repeated-call.ts'
import type { Rpc } from './rpc.ts'
import { transportErrors } from './transport-errors.ts'

/** How long the room waits for another participant's floor by default, in milliseconds. */
const FLOOR_WAIT_MS = 25_000

export interface PublishContext {
  readonly rpc: Rpc
  readonly clock: Clock
  readonly token: string
  readonly signal: AbortSignal
  /** Called if the server no longer knows the session. */
  sessionUnknown(): void
}

/**
 * Calls `publish` on the server, and repeats it under its key while no answer comes. Rejects as `Transport.publish` does, or
 * with the reason of the signal.
 */
export async function publish(context: PublishContext, { isRetry, ...params }: PublishRequest): Promise<Verdict> {
  const { rpc, clock, token, signal, sessionUnknown } = context
  let repeated = isRetry
  const onRepeat = () => {
    repeated = true
  }
  const waitMs = params.timeout_ms ?? FLOOR_WAIT_MS
  try {
    const result = await repeatedCall(rpc, 'publish', params, { token, waitMs, clock, signal, onRepeat })
    const verdict = readVerdict(result)
    if (!verdict) throw protocolError('its answer is not a verdict')
    return verdict
  } catch (error) {
    if (signal.aborted) throw error
    if (isMidsentenceError(error) && error.code === 'session-unknown') {
      sessionUnknown()
      throw repeated ? transportErrors.outcomeUnknown(forgotten, error) : transportErrors.notSent(forgotten, error)
    }
    throw failureOf(error, repeated)
  }
}

const forgotten = 'the server no longer knows your session: joining again'

/** After a retry the outcome stays unknown until the room itself has judged the publish. */
function failureOf(error: unknown, isRetry: boolean): unknown {
  if (error instanceof NoResponseError) return noResponseFailure(error, isRetry)
  if (!isRetry || !isMidsentenceError(error) || !isTemporary(error)) return error
  return transportErrors.outcomeUnknown('the server cannot answer now', error, error.data.retry_after_ms)
}

const isTemporary = ({ code }: MidsentenceError) => code === 'unavailable' || code === 'rate-limited'

function noResponseFailure(error: NoResponseError, isRetry: boolean): MidsentenceError {
  const { message, outcomeUnknown, status, retryAfterMs } = error
  if (outcomeUnknown || isRetry) return transportErrors.outcomeUnknown(message, error, retryAfterMs)
  if (status === 429) return transportErrors.rateLimited(retryAfterMs, error)
  if (status === 413) return transportErrors.tooLong(error)
  return transportErrors.notSent(message, error)
}
