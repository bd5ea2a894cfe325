import { MidsentenceError } from '../errors.ts'
import { NoResponseError } from './no-response-error.ts'
import type { Rpc } from './rpc.ts'

const ANSWER_MS = 10_000

/** Calls `hush` on the server. Rejects as `Transport.hush` does. */
export async function hush(rpc: Rpc, token: string, on: boolean): Promise<boolean> {
  try {
    const { status } = Object(await rpc.call('hush', { on }, { token, ms: ANSWER_MS }))
    return status === 1
  } catch (error) {
    if (!(error instanceof NoResponseError)) throw error
    throw new MidsentenceError('unavailable', `The room did not answer: ${error.message}. Try again.`, {
      cause: error,
      ...(error.outcomeUnknown && { data: { unknown: true } }),
    })
  }
}
