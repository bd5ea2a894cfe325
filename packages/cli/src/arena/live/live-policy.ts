import type { ConverseOptions } from '@midsentence/agent'
import { type CoordinationPolicy, policies } from '@midsentence/arena'

/** How a model of `converse` follows a policy. */
export type LivePolicy = Required<Pick<ConverseOptions, 'attention' | 'maxInterruptions'>>

/** Any message but an acknowledgement interrupts. Both packages have this rule, with lists of words that differ a little. */
const { interruptedBy: substance } = policies[0]

/**
 * Returns how a model follows a policy, or undefined where it cannot: `converse` has no turns and no locks, reads either while it
 * writes or not at all, never writes everything again, and knows no other rule of what interrupts.
 */
export function livePolicy({
  writes,
  reads,
  after,
  interruptedBy,
  maxInterruptions,
}: CoordinationPolicy): LivePolicy | undefined {
  if (writes !== 'any time' || after !== 'revise') return undefined
  if (reads === 'never') return { attention: [], maxInterruptions }
  const canRead = reads === 'while writing' && interruptedBy === substance
  return canRead ? { attention: 'everybody', maxInterruptions } : undefined
}
