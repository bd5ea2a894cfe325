import { isMidsentenceError, type MidsentenceError } from '../errors.ts'
import type { PublishRequest, Verdict } from '../ports/transport.ts'
import { NoResponseError, protocolError } from './no-response-error.ts'
import { readVerdict } from './read-response.ts'
import type { Rpc } from './rpc.ts'
import { transportErrors } from './transport-errors.ts'

/** How long the room waits for another participant's floor by default, in milliseconds. */
const FLOOR_WAIT_MS = 25_000
/** How long the answer may take beyond that wait, in milliseconds. */
const ANSWER_MS = 10_000

/** Calls `publish` on the server. Rejects as `Transport.publish` does, or with the reason of `signal`. */
export async function publish(rpc: Rpc, token: string, request: PublishRequest, signal: AbortSignal): Promise<Verdict> {
  const { isRetry, ...params } = request
  const ms = (request.timeout_ms ?? FLOOR_WAIT_MS) + ANSWER_MS
  try {
    const verdict = readVerdict(await rpc.call('publish', params, { token, ms, signal }))
    if (!verdict) throw protocolError('its answer is not a verdict')
    return verdict
  } catch (error) {
    throw signal.aborted ? error : failureOf(error, isRetry)
  }
}

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
