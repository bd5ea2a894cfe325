import { expect, test } from 'vitest'
import { faultsOf, playCrowd } from './load.ts'

test('two hundred conversations of five at times of chance', async () => {
  for (let seed = 1000; seed < 1200; seed++) {
    expect([seed, faultsOf(await playCrowd(seed))]).toEqual([seed, []])
  }
})
