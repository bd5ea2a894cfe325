import { describe, test } from 'vitest'
import { rule } from '../kit/rules.ts'
import type { Setup } from './transport-harness.ts'
import type { RunOptions } from './transport-rule.ts'
import { transportRules } from './transport-rules.ts'

export interface TestTransportOptions extends RunOptions {
  /** How long one rule may take, in milliseconds. Default: as vitest is configured. */
  readonly timeout?: number
}

/**
 * Registers one vitest test for each rule that a transport is held to. A rule is skipped only where the transport's
 * own `supports` says that it cannot, with the sentence given there.
 */
export function testTransport(name: string, setup: Setup, options: TestTransportOptions = {}): void {
  describe(name, () => {
    for (const { id, needs, run } of transportRules) {
      test(
        `[${id}] ${rule(id).title}`,
        options.timeout === undefined ? {} : { timeout: options.timeout },
        async context => {
          const reason = needs.length > 0 && (await reasonToSkip(setup, needs))
          if (reason) context.skip(reason)
          await run(setup, options)
        },
      )
    }
  })
}

async function reasonToSkip(
  setup: Setup,
  needs: (typeof transportRules)[number]['needs'],
): Promise<string | undefined> {
  const bench = await setup()
  try {
    const peer = bench.peer()
    const lacking = needs.map(need => peer.supports[need]).find(support => support !== true)
    await peer.close()
    return lacking?.no
  } finally {
    await bench.close()
  }
}
