import fc from 'fast-check'
import { pauses } from '../kit/turns.ts'
import type { SeriesStep } from './series-play.ts'

/** What scripts may do beside appending. */
export interface SeriesPlan {
  readonly replace?: true
  readonly restart?: 'close' | 'crash'
}

/** Scripts of up to twenty steps, most of them called before those before them have ended. */
export function seriesScripts<Item>(
  item: fc.Arbitrary<Item>,
  { replace, restart }: SeriesPlan,
): fc.Arbitrary<readonly SeriesStep<Item>[]> {
  const items = fc.array(item, { maxLength: 3 })
  const steps: fc.WeightedArbitrary<SeriesStep<Item>>[] = [
    { weight: 6, arbitrary: fc.record({ do: fc.constant('append' as const), items }) },
    { weight: 4, arbitrary: fc.record({ do: fc.constantFrom('read' as const, 'settle' as const) }) },
  ]
  if (replace) steps.push({ weight: 2, arbitrary: fc.record({ do: fc.constant('replace' as const), items }) })
  if (restart) steps.push({ weight: 2, arbitrary: fc.constant({ do: restart }) })
  if (restart === 'crash') steps.push({ weight: 2, arbitrary: pauses })
  return fc.array(fc.oneof(...steps), { maxLength: 20 })
}
