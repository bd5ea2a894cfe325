import { test } from 'vitest'
import { closedInput, closedInputTools } from './closed-input.ts'

const ROUNDS = 105

test.concurrent.for(['name', 'token'] as const)(
  `by %s, ${ROUNDS} hosts that close the input 0 to 20 ms after a call end the server quietly, and what was answered is kept`,
  async (kind, context) => {
    const { round, expectAllSent } = await closedInput(kind, context)
    for (let n = 0; n < ROUNDS; n++) {
      // Each tool at each delay, at every fifth with a read before.
      const tool = closedInputTools[n % closedInputTools.length]!
      await round({ tool, delay: (n * 4) % 21, reads: n % 5 < 3 })
    }
    await expectAllSent()
  },
)
