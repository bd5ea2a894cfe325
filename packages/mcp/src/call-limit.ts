import type { ToolResult } from '@midsentence/agent/tools'
import { type Clock, linkSignals } from '@midsentence/core'

export interface CallLimit {
  /** In milliseconds. Hosts give up a tool call after 60 s. */
  readonly ms: number
  readonly clock: Clock
  /** Makes the answer of a call that is not done by then. */
  late(): ToolResult
}

const ignore = () => {}

/** Runs a call and resolves with its result, or with the late answer. The signal of the call aborts then, and with `signal`. */
export function answerInTime(
  signal: AbortSignal,
  { ms, clock, late }: CallLimit,
  run: (signal: AbortSignal) => Promise<ToolResult>,
): Promise<ToolResult> {
  const linked = linkSignals([signal])
  const result = run(linked.signal)
  // After the limit it may still reject. What a late answer brings is kept for the next call.
  result.catch(ignore)
  let cancel = ignore
  const limit = new Promise<ToolResult>(resolve => {
    cancel = clock.after(ms, () => {
      resolve(late())
      linked.abort()
    })
  })
  return Promise.race([result, limit]).finally(() => {
    cancel()
    linked.unlink()
  })
}
