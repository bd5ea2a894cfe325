import { expect, test } from 'vitest'
import { faultsOf, runLoad } from './load.ts'

test('two hundred random conversations of five participants', async () => {
  for (let seed = 1000; seed < 1200; seed++) {
    expect([seed, faultsOf(await runLoad(seed))]).toEqual([seed, []])
  }
})
