import type { RuleId } from '../kit/rules.ts'
import type { TimedCall } from './timed-call.ts'

/** Points to a call: the `index`-th of that session, counted from 0. */
export interface CallRef {
  readonly session: string
  readonly index: number
}

/** A rule that a history breaks, with the calls that show it. */
export interface HistoryFinding {
  readonly rule: RuleId
  /** A sentence for a person that says what is wrong. */
  readonly what: string
  /** The calls that show it. */
  readonly calls: readonly CallRef[]
}

/** Makes a finding that points to every call, repetitions included. */
export const finding = (
  rule: RuleId,
  what: string,
  ...timedCalls: readonly (TimedCall | undefined)[]
): HistoryFinding => ({
  rule,
  what,
  calls: timedCalls.flatMap(call => (call ? call.indexes.map(index => ({ session: call.caller.session, index })) : [])),
})

/** Names a call in a sentence. */
export const describe = ({ caller, action, indexes }: TimedCall): string =>
  `${caller.name}'s ${action} (${indexes.length > 1 ? 'calls' : 'call'} ${indexes.join(' and ')})`
