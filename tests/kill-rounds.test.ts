import { expect, test } from 'vitest'
import { killRounds } from './kill-rounds/rounds.ts'

// Nearly all of the time is twenty times that of a start: two at once, since one leaves a core idle now and then.
const patience = 240_000

test(
  '[G1] [G11] [K6] a server killed twenty times under load has lost nothing that it acknowledged',
  async () => {
    const both = await Promise.all([killRounds(10, 7), killRounds(10, 8)])
    for (const { acknowledged } of both) expect(acknowledged).toBeGreaterThan(250)
  },
  patience,
)
