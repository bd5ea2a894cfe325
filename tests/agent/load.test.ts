import { expect, test } from 'vitest'
import { faultsOf, playCrowd } from './load.ts'

test.each([0, 1])(
  'three models and two people, at times of chance: all is heard once, sent whole, and nothing crosses (%i)',
  async part => {
    let interrupted = 0
    let kept = 0
    let held = 0
    for (let seed = part * 6; seed < part * 6 + 6; seed++) {
      const crowd = await playCrowd(seed)
      expect([seed, faultsOf(crowd)]).toEqual([seed, []])
      const types = crowd.models.flatMap(({ events }) => events.map(event => event.type))
      interrupted += types.filter(type => type === 'interrupted').length
      kept += types.filter(type => type === 'kept').length
      held += types.filter(type => type === 'held').length
    }
    // It is about something.
    expect([interrupted > 0, kept > 0, held > 0]).toEqual([true, true, true])
  },
)
