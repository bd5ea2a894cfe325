import { describe, test } from 'vitest'
import { rule } from '../kit/rules.ts'
import type { TestOptions } from '../kit/run-options.ts'
import type { TransportSetup } from './transport-harness.ts'
import { reasonToSkip } from './transport-rule.ts'
import { transportRules } from './transport-rules.ts'

/**
 * Registers one vitest test for each rule of a transport. A rule is skipped only if the transport's `supports` says that
 * it does not apply, with the reason given there, or if the harness does not offer what the rule needs.
 */
export function testTransport(name: string, setup: TransportSetup, options: TestOptions = {}): void {
  const { timeout } = options
  describe(name, () => {
    for (const { id, needs, run } of transportRules) {
      test(`[${id}] ${rule(id).title}`, timeout === undefined ? {} : { timeout }, async context => {
        const reason = await reasonToSkip(setup, needs)
        if (reason) context.skip(reason)
        await run(setup, options)
      })
    }
  })
}
