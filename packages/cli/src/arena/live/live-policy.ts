import type { AttentionPreset, ConverseOptions } from '@midsentence/agent'
import type { CoordinationPolicy } from '@midsentence/arena'

/** How a model of `converse` follows a policy. */
export interface LivePolicy extends Required<Pick<ConverseOptions, 'maxInterruptions'>> {
  readonly attention: AttentionPreset
}

/**
 * Returns how a model follows a policy, or undefined where it cannot: `converse` has no turns and no locks, reads either while it
 * writes or not at all, and never writes everything again.
 */
export function livePolicy({
  writes,
  reads,
  after,
  interruptedBy,
  maxInterruptions,
}: CoordinationPolicy): LivePolicy | undefined {
  if (writes !== 'any time' || after !== 'revise' || typeof interruptedBy === 'function') return undefined
  if (reads === 'never') return { attention: 'nobody', maxInterruptions }
  const attention = interruptedBy === 'everything' ? 'everything' : 'everybody'
  return reads === 'while writing' ? { attention, maxInterruptions } : undefined
}
