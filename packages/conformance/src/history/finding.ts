import type { RuleId } from '../kit/rules.ts'
import type { Deed } from './deeds.ts'

/** Which call: the `index`-th of that session. */
export interface CallPlace {
  readonly session: string
  readonly index: number
}

/** A rule that a history breaks. */
export interface Finding {
  readonly rule: RuleId
  /** What is wrong, in a sentence for a person. */
  readonly what: string
  /** The calls that show it. */
  readonly calls: readonly CallPlace[]
}

export const finding = (rule: RuleId, what: string, ...deeds: readonly (Deed | undefined)[]): Finding => ({
  rule,
  what,
  calls: deeds.flatMap(deed => (deed ? deed.indexes.map(index => ({ session: deed.witness.session, index })) : [])),
})

/** How a sentence names a call. */
export const named = ({ witness, action, indexes }: Deed): string =>
  `${witness.name}'s ${action} (${indexes.length > 1 ? 'calls' : 'call'} ${indexes.join(' and ')})`
