import { absenceRules } from './rules/absence-rules.ts'
import { checkRules } from './rules/check-rules.ts'
import { connectionRules } from './rules/connection-rules.ts'
import { deliveryRules } from './rules/delivery-rules.ts'
import { fieldRules } from './rules/field-rules.ts'
import { historyRules } from './rules/history-rules.ts'
import { hushRules } from './rules/hush-rules.ts'
import { pushRules } from './rules/push-rules.ts'
import { recordedRules } from './rules/recorded-rules.ts'
import type { TransportRule } from './transport-rule.ts'

/** Every rule of a transport, as functions. `testTransport` runs them. */
export const transportRules: readonly TransportRule[] = [
  ...pushRules,
  ...deliveryRules,
  ...checkRules,
  ...connectionRules,
  ...fieldRules,
  ...historyRules,
  ...absenceRules,
  ...hushRules,
  ...recordedRules,
]
