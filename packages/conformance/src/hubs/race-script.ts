import fc from 'fast-check'

/** One thing that somebody does, without waiting for what comes of it, or that happens to all. */
export interface Move {
  readonly does:
    | 'append'
    | 'undo'
    | 'reset'
    | 'preview'
    | 'push'
    | 'publish'
    | 'check'
    | 'repeat'
    | 'yield'
    | 'leave'
    | 'read'
    | 'pass'
    | 'crash'
  readonly keyed: boolean
  readonly silent: boolean
  /** Which cursor the caller says it has. */
  readonly after: 'none' | 'below' | 'shown'
  readonly timeout_ms: number | undefined
  readonly much: number
}

const often = (weight: number, does: Move['does']) => ({ weight, arbitrary: fc.constant(does) })

const doing = (...does: readonly fc.WeightedArbitrary<Move['does']>[]): fc.Arbitrary<Move> =>
  fc.record({
    does: fc.oneof(...does),
    keyed: fc.boolean(),
    silent: fc.nat(11).map(n => n === 0),
    after: fc.constantFrom('none', 'none', 'none', 'none', 'below', 'shown'),
    timeout_ms: fc.constantFrom(undefined, 0, 1000, 70_000),
    much: fc.nat(40),
  })

const ofSomebody = doing(
  often(5, 'append'),
  often(6, 'push'),
  often(4, 'publish'),
  often(3, 'check'),
  often(1, 'undo'),
  often(1, 'reset'),
  often(2, 'preview'),
  often(3, 'repeat'),
  often(1, 'yield'),
  often(1, 'read'),
)
const leaving = doing(often(1, 'leave'))

/** What each of some people does, in its order. */
export const races: fc.Arbitrary<readonly (readonly Move[])[]> = fc.array(
  fc.array(fc.oneof({ weight: 25, arbitrary: ofSomebody }, { weight: 1, arbitrary: leaving }), {
    maxLength: 14,
    size: 'max',
  }),
  { minLength: 2, maxLength: 4 },
)

/** What befalls all: time passes, and where `dies` the hub does. */
export const befalling = (dies: boolean): fc.Arbitrary<readonly Move[]> =>
  fc.array(doing(often(4, 'pass'), often(dies ? 1 : 0, 'crash')), { maxLength: 8, size: 'max' })
