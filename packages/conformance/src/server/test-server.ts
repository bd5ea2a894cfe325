import { describe, test } from 'vitest'
import { rule } from '../kit/rules.ts'
import type { TestOptions } from '../kit/run-options.ts'
import type { ServerAbility, ServerSetup } from './server-harness.ts'
import { serverRules } from './server-rules.ts'

const lacking: Readonly<Record<ServerAbility, string>> = {
  stream: 'The harness has no event streams.',
  pass: 'The harness cannot advance the clock of the server.',
  abandon: 'The harness cannot abort a request.',
  restart: 'The harness cannot kill and restart the server.',
  annotating: 'The harness has no annotating room.',
  observable: 'The harness has no observable room.',
  recorded: 'The harness has no recorded room.',
  score: 'The harness cannot watch a score.',
  rooms: 'The harness has no list of rooms.',
  history: 'The harness has no room that shows its history.',
  refused: 'The harness has no content policy.',
  forget: 'The harness cannot remove messages as retention does.',
}

/**
 * Registers one vitest test for each rule of a server, over JSON-RPC and event streams. A rule is skipped only if the
 * harness lacks a member that it needs.
 */
export function testServer(name: string, setup: ServerSetup, options: TestOptions = {}): void {
  describe(name, () => {
    for (const { id, needs, run } of serverRules) {
      const testOptions = options.timeout === undefined ? {} : { timeout: options.timeout }
      test(`[${id}] ${rule(id).title}`, testOptions, async context => {
        const harness = needs.length > 0 ? await setup() : undefined
        const missing = needs.find(need => harness?.[need] === undefined)
        await harness?.close()
        if (missing) context.skip(lacking[missing])
        await run(setup, options)
      })
    }
  })
}
