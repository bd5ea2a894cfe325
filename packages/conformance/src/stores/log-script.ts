import fc from 'fast-check'
import { type Pause, pauses } from '../kit/turns.ts'

/** One call of a fenced log. Calls are not awaited before the next `settle`. */
export type LogStep<Input> =
  /** `expected: 'stale'` passes an older position than the head, which the log must reject. */
  | { readonly do: 'append'; readonly room: string; readonly inputs: readonly Input[]; readonly expected: ExpectedHead }
  | { readonly do: 'page'; readonly room: string; readonly after: number; readonly limit: number }
  | { readonly do: 'read' | 'head'; readonly room: string }
  | { readonly do: 'settle' | 'close' | 'crash' }
  | Pause

type ExpectedHead = 'head' | 'stale'

/** What scripts may do besides appending. */
export interface LogPlan {
  readonly rooms?: readonly string[]
  /** Makes calls before earlier ones have ended. */
  readonly hasty?: true
  readonly stale?: true
  /** `pages`: also reads single pages. */
  readonly reads?: 'all' | 'pages'
  readonly restart?: 'close' | 'crash'
}

/** Generates scripts of up to twenty steps that append what `input` gives. */
export function logScripts<Input>(input: fc.Arbitrary<Input>, plan: LogPlan): fc.Arbitrary<readonly LogStep<Input>[]> {
  const room = fc.constantFrom(...(plan.rooms ?? ['lobby']))
  const expected = fc.constantFrom<ExpectedHead[]>('head', 'head', plan.stale ? 'stale' : 'head')
  const inputs = fc.array(input, { minLength: 1, maxLength: 3 })
  const steps: fc.WeightedArbitrary<LogStep<Input>>[] = [
    { weight: 6, arbitrary: fc.record({ do: fc.constant('append' as const), room, inputs, expected }) },
  ]
  if (plan.hasty) steps.push({ weight: 3, arbitrary: fc.constant({ do: 'settle' }) })
  if (plan.reads === 'pages') {
    const page = { after: fc.nat(5), limit: fc.nat(9) }
    steps.push({ weight: 3, arbitrary: fc.record({ do: fc.constant('page' as const), room, ...page }) })
  }
  if (plan.reads) {
    const reads = fc.constantFrom('read' as const, 'head' as const)
    steps.push({ weight: 2, arbitrary: fc.record({ do: reads, room }) })
  }
  if (plan.restart) steps.push({ weight: 2, arbitrary: fc.constant({ do: plan.restart }) })
  if (plan.restart === 'crash') steps.push({ weight: 2, arbitrary: pauses })
  const scripts = fc.array(fc.oneof(...steps), { maxLength: 20 })
  return plan.hasty
    ? scripts
    : scripts.map(script => script.flatMap((step): LogStep<Input>[] => [step, { do: 'settle' }]))
}
