import { describe, test } from 'vitest'
import { rule } from '../kit/rules.ts'
import type { TestTransportOptions } from '../transport/test-transport.ts'
import type { HubBench } from './hub-harness.ts'
import { hubRules } from './hub-rules.ts'

/**
 * Registers one vitest test for each rule that a hub is held to: by random calls, one after another against a plain
 * reference, and all at once over logs that take their time. A rule is skipped only where the bench says that its hub
 * keeps nothing in the logs it is given, with the sentence given there.
 */
export function testHub(name: string, bench: HubBench, options: TestTransportOptions = {}): void {
  const patience = options.timeout === undefined ? {} : { timeout: options.timeout }
  describe(name, () => {
    for (const { id, needs, run } of hubRules) {
      test(`[${id}] ${rule(id).title}`, patience, async context => {
        const lacking = needs.map(need => bench[need]).find(support => support !== true)
        if (lacking) context.skip(lacking.no)
        await run(bench, options)
      })
    }
  })
}
