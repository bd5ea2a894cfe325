import type { RuleId } from '@midsentence/conformance'
import type { Inbound } from '@midsentence/core'
import type { TransportBug } from './mock-harness.ts'

/** A planted bug and the rule that catches it. */
export interface TransportMutant {
  readonly name: string
  readonly breaks: RuleId
  readonly bug: TransportBug
}

export const isMessage = (item: Inbound): item is Extract<Inbound, { type: 'message' }> => item.type === 'message'
