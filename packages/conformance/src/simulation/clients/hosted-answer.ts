import { errorFromRpc, isMidsentenceError } from '@midsentence/core'
import type { RecordedAnswer } from '../../history/index.ts'

/** The members of an answer that a hosted client checks. */
export interface HostedAnswer extends RecordedAnswer {
  readonly suffix?: string
  readonly draft?: string
  readonly segments?: readonly { readonly length: number }[]
}

/** Returns the result in a JSON-RPC response, or throws its error. */
export function resultOf<Result = HostedAnswer>(response: unknown): Result {
  const { result, error } = response as { readonly result?: Result; readonly error?: unknown }
  if (error !== undefined) throw errorFromRpc(error)
  return result!
}

export const isSessionUnknown = (error: unknown): boolean =>
  isMidsentenceError(error) && error.code === 'session-unknown'
