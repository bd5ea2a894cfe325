import { describe, test } from 'vitest'
import { rule } from '../kit/rules.ts'
import type { TestOptions } from '../kit/run-options.ts'
import type { ServerAbility, ServerSetup } from './server-harness.ts'
import { serverRules } from './server-rules.ts'

const lacking: Readonly<Record<ServerAbility, string>> = {
  stream: 'This server is reached without event streams here.',
  pass: 'The clock of this server cannot be moved on from here.',
  abandon: 'A caller of this server cannot hang up here.',
  restart: 'This server cannot be killed and started anew here.',
  annotating: 'No room of this server annotates here.',
}

/**
 * Registers one vitest test for each rule that a server is held to, over JSON-RPC and event streams. A rule is skipped
 * only where the bench cannot do what it takes to try it.
 */
export function testServer(name: string, setup: ServerSetup, options: TestOptions = {}): void {
  describe(name, () => {
    for (const { id, needs, run } of serverRules) {
      const patience = options.timeout === undefined ? {} : { timeout: options.timeout }
      test(`[${id}] ${rule(id).title}`, patience, async context => {
        const bench = needs.length > 0 ? await setup() : undefined
        const missing = needs.find(need => bench?.[need] === undefined)
        await bench?.close()
        if (missing) context.skip(lacking[missing])
        await run(setup, options)
      })
    }
  })
}
