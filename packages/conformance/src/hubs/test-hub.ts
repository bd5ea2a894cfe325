import { describe, test } from 'vitest'
import { rule } from '../kit/rules.ts'
import type { TestOptions } from '../kit/run-options.ts'
import type { HubHarness } from './hub-harness.ts'
import { hubRules } from './hub-rules.ts'

/**
 * Registers one vitest test for each rule of a hub. Random calls are compared with a reference room, one after another,
 * with restarts and crashes of the hub. The rule about restarts is skipped only if `logs` of the harness says that the
 * hub does not store its state in the given logs, with the reason given there.
 */
export function testHub(name: string, harness: HubHarness, options: TestOptions = {}): void {
  const testOptions = options.timeout === undefined ? {} : { timeout: options.timeout }
  describe(name, () => {
    for (const { id, needs, run } of hubRules) {
      test(`[${id}] ${rule(id).title}`, testOptions, async context => {
        const missing = needs.map(need => harness[need]).find(support => support !== true)
        if (missing) context.skip(missing.no)
        await run(harness, options)
      })
    }
  })
}
