import { expect, test } from 'vitest'
import { killRounds } from './kill-rounds/rounds.ts'

// Nearly all of the time is twenty times that of a start.
const patience = 240_000

test(
  '[G1] [G11] [K6] a server killed twenty times under load has lost nothing that it acknowledged',
  async () => {
    const { acknowledged } = await killRounds(20, 7)
    expect(acknowledged).toBeGreaterThan(500)
  },
  patience,
)
