import { isMidsentenceError, type Seq } from '@midsentence/core'
import type { CallerTrace, RecordedAnswer, RecordedCall, RecordedHistory, SessionReplacement } from './history.ts'

/** The members of a call that are known before it is made. */
export type CallInput = Pick<RecordedCall, 'action' | 'key' | 'after' | 'content'>

/** Records the calls of one session. */
export interface CallRecorder {
  /** Makes the call and settles as it does. An error that is not a `MidsentenceError` leaves the outcome unknown. */
  call<Answer>(input: CallInput, make: () => Promise<Answer>): Promise<Answer>
  /** Records that `session` replaced the session of the caller. `cursor`: the one that its join returned. */
  replaced(session: string, cursor: Seq): void
}

export interface HistoryRecorder {
  caller(identity: Omit<CallerTrace, 'calls' | 'replaced'>): CallRecorder
  /** Returns everything recorded so far. Calls in flight have no outcome. */
  history(rest?: Omit<RecordedHistory, 'callers'>): RecordedHistory
}

/** The smallest distance between two recorded times, so that their order is always known. */
const TICK_MS = 2 ** -10

/** Creates a recorder of calls. `clock` returns monotonic milliseconds. */
export function historyRecorder(clock: () => number): HistoryRecorder {
  const callers: (CallerTrace & {
    readonly calls: Writable<RecordedCall>[]
    readonly replaced: SessionReplacement[]
  })[] = []
  let last = Number.NEGATIVE_INFINITY
  const nextTime = () => {
    last = Math.max(clock(), last + TICK_MS)
    return last
  }
  return {
    caller(identity) {
      const calls: Writable<RecordedCall>[] = []
      const replaced: SessionReplacement[] = []
      callers.push({ ...identity, calls, replaced })
      return {
        replaced(session, cursor) {
          replaced.push({ session, cursor, at: nextTime() })
        },
        async call(input, make) {
          const call: Writable<RecordedCall> = { ...input, from: nextTime() }
          calls.push(call)
          try {
            const answer = await make()
            if (isAnswer(answer)) call.answer = answer
            return answer
          } catch (error) {
            if (isMidsentenceError(error)) call.error = { code: error.code, data: error.data }
            throw error
          } finally {
            call.to = nextTime()
          }
        },
      }
    },
    history: rest => ({
      ...rest,
      callers: callers.map(({ calls, replaced, ...caller }) => ({
        ...caller,
        ...(replaced.length > 0 && { replaced: [...replaced] }),
        calls: calls.map(call => ({ ...call })),
      })),
    }),
  }
}

type Writable<T> = { -readonly [K in keyof T]: T[K] }

const isAnswer = (answer: unknown): answer is RecordedAnswer => Array.isArray(Object(answer).messages)
