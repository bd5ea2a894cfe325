import fc from 'fast-check'
import { type Pause, pauses } from '../kit/turns.ts'
import { type RecordContent, recordContents } from './records.ts'

/** One step on a room log. Calls are not awaited before the next `settle`. */
export type LogStep =
  /** `behind: 'stale'` expects an older position than the last, and is rejected. */
  | {
      readonly do: 'append'
      readonly room: string
      readonly recordContents: readonly RecordContent[]
      readonly behind: Behind
    }
  | { readonly do: 'messages'; readonly room: string; readonly after: number; readonly limit: number }
  | { readonly do: 'records' | 'head'; readonly room: string }
  | { readonly do: 'settle' | 'close' | 'crash' }
  | Pause

type Behind = 'head' | 'stale'

/** What scripts do besides appending. */
export interface LogPlan {
  readonly rooms?: readonly string[]
  /** Whether calls are made while earlier calls are under way. */
  readonly hasty?: true
  readonly stale?: true
  readonly reads?: true
  readonly restart?: 'close' | 'crash'
}

/** Scripts of up to twenty steps. */
export function logScripts(plan: LogPlan): fc.Arbitrary<readonly LogStep[]> {
  const room = fc.constantFrom(...(plan.rooms ?? ['lobby']))
  const behind = fc.constantFrom<Behind[]>('head', 'head', plan.stale ? 'stale' : 'head')
  const some = fc.array(recordContents, { minLength: 1, maxLength: 3 })
  const steps: fc.WeightedArbitrary<LogStep>[] = [
    { weight: 6, arbitrary: fc.record({ do: fc.constant('append' as const), room, recordContents: some, behind }) },
  ]
  if (plan.hasty) steps.push({ weight: 3, arbitrary: fc.constant({ do: 'settle' }) })
  if (plan.reads) {
    const page = { after: fc.nat(5), limit: fc.nat(9) }
    steps.push(
      { weight: 3, arbitrary: fc.record({ do: fc.constant('messages' as const), room, ...page }) },
      { weight: 2, arbitrary: fc.record({ do: fc.constantFrom('records' as const, 'head' as const), room }) },
    )
  }
  if (plan.restart) steps.push({ weight: 2, arbitrary: fc.constant({ do: plan.restart }) })
  if (plan.restart === 'crash') steps.push({ weight: 2, arbitrary: pauses })
  const scripts = fc.array(fc.oneof(...steps), { maxLength: 20 })
  return plan.hasty ? scripts : scripts.map(script => script.flatMap((step): LogStep[] => [step, { do: 'settle' }]))
}
