import { expect, test } from 'vitest'
import { killRounds } from './kill-rounds/rounds.ts'

test.each([11, 12])('[G1] a server killed a hundred times under load has lost nothing (seed %i)', async seed => {
  const { acknowledged } = await killRounds(100, seed)
  expect(acknowledged).toBeGreaterThan(2500)
})
