import { describe, test } from 'vitest'
import { rule } from '../kit/rules.ts'
import type { TestOptions } from '../kit/run-options.ts'
import type { TransportSetup } from './transport-harness.ts'
import type { TransportRule } from './transport-rule.ts'
import { transportRules } from './transport-rules.ts'

/**
 * Registers one vitest test for each rule of a transport. A rule is skipped only if the transport's `supports` says that
 * it does not apply, with the reason given there.
 */
export function testTransport(name: string, setup: TransportSetup, options: TestOptions = {}): void {
  const { timeout } = options
  describe(name, () => {
    for (const { id, needs, run } of transportRules) {
      test(`[${id}] ${rule(id).title}`, timeout === undefined ? {} : { timeout }, async context => {
        const reason = needs.length > 0 && (await reasonToSkip(setup, needs))
        if (reason) context.skip(reason)
        await run(setup, options)
      })
    }
  })
}

async function reasonToSkip(setup: TransportSetup, needs: TransportRule['needs']): Promise<string | undefined> {
  const harness = await setup()
  try {
    const peer = harness.peer()
    const missing = needs.map(need => peer.supports[need]).find(support => support !== true)
    await peer.close()
    return missing?.no
  } finally {
    await harness.close()
  }
}
