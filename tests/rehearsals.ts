import fc from 'fast-check'
import type { Rehearsal, Step } from './hub-rehearsal.ts'

const often = (weight: number, does: Step['does']) => ({ weight, arbitrary: fc.constant(does) })

const step: fc.Arbitrary<Step> = fc.record({
  who: fc.nat(4),
  does: fc.oneof(
    often(7, 'append'),
    often(7, 'push'),
    often(3, 'publish'),
    often(2, 'check'),
    often(2, 'undo'),
    often(1, 'reset'),
    often(2, 'preview'),
    often(3, 'repeat'),
    often(1, 'misuse'),
    often(2, 'batch'),
    often(1, 'yield'),
    often(1, 'leave'),
    often(2, 'read'),
    often(3, 'settle'),
    often(2, 'pass'),
  ),
  keyed: fc.boolean(),
  silent: fc.nat(9).map(n => n === 0),
  after: fc.constantFrom('none', 'none', 'none', 'none', 'below', 'shown', 'beyond'),
  timeout_ms: fc.constantFrom(undefined, 0, 1000, 70_000),
  much: fc.nat(30),
})
/** What some people do in one room, mostly without waiting for what comes of it. */
export const rehearsals: fc.Arbitrary<Rehearsal> = fc.record({
  people: fc.integer({ min: 2, max: 5 }),
  policy: fc.constantFrom('hold' as const, 'hold' as const, 'hold' as const, 'annotate' as const),
  /** What is older comes from the log. */
  tail: fc.constantFrom(1, 3, 1000),
  steps: fc.array(step, { minLength: 5, maxLength: 60, size: 'max' }),
})
