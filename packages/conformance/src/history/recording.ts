import { isMidsentenceError } from '@midsentence/core'
import type { Call, History, Told, Witness } from './history.ts'

/** What is known of a call before it is made. */
export type Calling = Pick<Call, 'action' | 'key' | 'after' | 'content'>

/** Writes down what one session calls. */
export interface WitnessRecorder {
  /** Makes the call and ends as it does. An error that is not the protocol's leaves its end unknown. */
  call<Answer>(calling: Calling, make: () => Promise<Answer>): Promise<Answer>
}

export interface Recording {
  witness(who: Omit<Witness, 'calls'>): WitnessRecorder
  /** All that was seen so far; calls under way have no end yet. */
  history(besides?: Omit<History, 'witnesses'>): History
}

/** Between two moments there is at least this, so that what came first is never in doubt. */
const TICK_MS = 2 ** -10

/** Records what callers see, by the monotonic `clock` in milliseconds. */
export function recording(clock: () => number): Recording {
  const witnesses: (Witness & { readonly calls: Mutable<Call>[] })[] = []
  let last = Number.NEGATIVE_INFINITY
  const moment = () => {
    last = Math.max(clock(), last + TICK_MS)
    return last
  }
  return {
    witness(who) {
      const calls: Mutable<Call>[] = []
      witnesses.push({ ...who, calls })
      return {
        async call(calling, make) {
          const call: Mutable<Call> = { ...calling, from: moment() }
          calls.push(call)
          try {
            const answer = await make()
            if (isTold(answer)) call.answer = answer
            return answer
          } catch (error) {
            if (isMidsentenceError(error)) call.error = { code: error.code, data: error.data }
            throw error
          } finally {
            call.to = moment()
          }
        },
      }
    },
    history: besides => ({
      ...besides,
      witnesses: witnesses.map(witness => ({ ...witness, calls: witness.calls.map(call => ({ ...call })) })),
    }),
  }
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] }

const isTold = (answer: unknown): answer is Told => Array.isArray(Object(answer).messages)
