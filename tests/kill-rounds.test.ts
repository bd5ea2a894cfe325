import { expect, test } from 'vitest'
import { killRounds } from './kill-rounds/rounds.ts'

const TIMEOUT_MS = 60_000

test(
  '[G1] [G11] [K6] a server killed twice under load keeps every acknowledged message',
  async () => {
    const { acknowledged } = await killRounds(2, 7)
    expect(acknowledged).toBeGreaterThan(20)
  },
  TIMEOUT_MS,
)
