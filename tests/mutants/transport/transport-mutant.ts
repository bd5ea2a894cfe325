import type { RuleId } from '@midsentence/conformance'
import type { Inbound } from '@midsentence/core'
import type { TransportBug } from './mock-harness.ts'

/** One planted bug, and the rule that must be among those it breaks. */
export interface TransportMutant {
  readonly name: string
  readonly breaks: RuleId
  readonly bug: TransportBug
}

export const isMessage = (item: Inbound): item is Extract<Inbound, { type: 'message' }> => item.type === 'message'
