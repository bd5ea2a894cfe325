import { expect, test } from 'vitest'
import { faultsOf, runLoad } from './load.ts'

test.each([0, 1])(
  'three models and two people at random times: every message is read once, sent whole, and crosses nothing (%i)',
  async part => {
    let interrupted = 0
    let kept = 0
    let held = 0
    for (let seed = part * 6; seed < part * 6 + 6; seed++) {
      const run = await runLoad(seed)
      expect([seed, faultsOf(run)]).toEqual([seed, []])
      const types = run.models.flatMap(({ events }) => events.map(event => event.type))
      interrupted += types.filter(type => type === 'interrupted').length
      kept += types.filter(type => type === 'kept').length
      held += types.filter(type => type === 'held').length
    }
    // The runs exercise all three cases.
    expect([interrupted > 0, kept > 0, held > 0]).toEqual([true, true, true])
  },
)
