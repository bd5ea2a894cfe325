import { isMidsentenceError, type MidsentenceError } from '../errors.ts'
import type { PublishRequest, Verdict } from '../ports/transport.ts'
import { NoResponseError, protocolError } from './no-response-error.ts'
import { readVerdict } from './read-response.ts'
import type { Rpc } from './rpc.ts'
import { transportErrors } from './transport-errors.ts'

/** What the room waits for somebody's floor where nobody says how long. Milliseconds. */
const FLOOR_WAIT_MS = 25_000
/** An answer may come so much later. */
const ANSWER_MS = 10_000

/** Asks the room to judge a publish. Rejects as the port says, or with the reason of `signal`. */
export async function publish(rpc: Rpc, token: string, request: PublishRequest, signal: AbortSignal): Promise<Verdict> {
  const { isRetry, ...params } = request
  const ms = (request.timeout_ms ?? FLOOR_WAIT_MS) + ANSWER_MS
  try {
    const verdict = readVerdict(await rpc.call('publish', params, { token, ms, signal }))
    if (!verdict) throw protocolError('its answer is no verdict')
    return verdict
  } catch (error) {
    throw signal.aborted ? error : failureOf(error, isRetry)
  }
}

/** A publish that was sent before and is asked for again stays uncertain until the room itself has judged it. */
function failureOf(error: unknown, again: boolean): unknown {
  if (error instanceof NoResponseError) return unansweredFailure(error, again)
  if (!again || !isMidsentenceError(error) || !isPassing(error)) return error
  return transportErrors.outcomeUnknown('the server does not say just now', error, error.data.retry_after_ms)
}

const isPassing = ({ code }: MidsentenceError) => code === 'unavailable' || code === 'rate-limited'

function unansweredFailure(error: NoResponseError, again: boolean): MidsentenceError {
  const { message, outcomeUnknown, status, retryAfterMs } = error
  if (outcomeUnknown || again) return transportErrors.outcomeUnknown(message, error, retryAfterMs)
  if (status === 429) return transportErrors.rateLimited(retryAfterMs, error)
  if (status === 413) return transportErrors.tooLong(error)
  return transportErrors.notSent(message, error)
}
