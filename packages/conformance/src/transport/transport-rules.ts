import { checkRules } from './check-rules.ts'
import { connectionRules } from './connection-rules.ts'
import { deliveryRules } from './delivery-rules.ts'
import { pushRules } from './push-rules.ts'
import type { TransportRule } from './transport-rule.ts'

/** Every rule of a transport, as functions. `testTransport` runs them. */
export const transportRules: readonly TransportRule[] = [
  ...pushRules,
  ...deliveryRules,
  ...checkRules,
  ...connectionRules,
]
