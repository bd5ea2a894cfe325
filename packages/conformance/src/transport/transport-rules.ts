import { checkRules } from './check-rules.ts'
import { lineRules } from './connection-rules.ts'
import { deliveryRules } from './delivery-rules.ts'
import { pushRules } from './push-rules.ts'
import type { TransportRule } from './transport-rule.ts'

/** Every rule that a transport is held to, as functions: `testTransport` runs them, so may anything else. */
export const transportRules: readonly TransportRule[] = [...pushRules, ...deliveryRules, ...checkRules, ...lineRules]
