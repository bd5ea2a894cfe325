import { describe, test } from 'vitest'
import { rule } from '../kit/rules.ts'
import type { TestOptions } from '../kit/run-options.ts'
import type { ToolsSetup } from './tools-harness.ts'
import { toolsRules } from './tools-rules.ts'

/**
 * Registers one vitest test for each rule of the tools of a participant, in any binding: an SDK, a host, a protocol. It
 * plays random turns that a model writes before it reads their results.
 */
export function testTools(name: string, setup: ToolsSetup, options: TestOptions = {}): void {
  const testOptions = options.timeout === undefined ? {} : { timeout: options.timeout }
  describe(name, () => {
    for (const { id, run } of toolsRules) test(`[${id}] ${rule(id).title}`, testOptions, () => run(setup, options))
  })
}
