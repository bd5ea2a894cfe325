import { expect, test } from 'vitest'
import { killRounds } from './kill-rounds/rounds.ts'

/** Rounds in all; `npm run prove:kills` sets 200. */
const rounds = Number(process.env.MIDSENTENCE_KILL_ROUNDS ?? 40)

test.each([11, 12])(
  '[G1] a server killed many times under load keeps every acknowledged message (seed %i)',
  async seed => {
    const { acknowledged } = await killRounds(rounds / 2, seed)
    expect(acknowledged).toBeGreaterThan(12 * rounds)
  },
)
