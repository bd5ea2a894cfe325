import type { RuleId } from '../kit/rules.ts'
import { rehearsed } from './hub-play.ts'
import { type HubRule, SharedPlay } from './hub-rule.ts'
import { raced } from './race.ts'

const rehearsals = new SharedPlay(rehearsed(false))
const races = new SharedPlay(raced(false))
const restarts = new SharedPlay(rehearsed(true), 0.5)
const deaths = new SharedPlay(raced(true), 0.5)

/** What both ways of playing tell apart. */
const ids: readonly RuleId[] = [
  'D1',
  'D3',
  'D4',
  'D5',
  'S1',
  'P1',
  'P2',
  'P3',
  'P4',
  'P5',
  'P6',
  'H1',
  'H2',
  'H3',
  'F1',
  'F2',
  'F4',
  'L1',
  'L2',
  'L4',
  'L5',
  'C1',
  'C2',
  'R1',
  'R2',
  'R3',
  'R4',
  'A2',
  'A5',
  'W2',
  'W3',
  'W4',
  'V2',
]

/** Every rule that a hub is held to, as functions: `testHub` runs them, so may anything else. */
export const hubRules: readonly HubRule[] = [
  ...ids.map(
    (id): HubRule => ({
      id,
      needs: [],
      async run(bench, options = {}) {
        await rehearsals.hold([id], bench, options)
        await races.hold([id], bench, options)
      },
    }),
  ),
  {
    id: 'G1',
    needs: ['logs'],
    async run(bench, options = {}) {
      await restarts.hold('any', bench, options)
      await deaths.hold('any', bench, options)
    },
  },
]
