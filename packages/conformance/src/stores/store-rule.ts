import { type ErrorCode, isMidsentenceError } from '@midsentence/core'
import fc from 'fast-check'
import { must } from '../kit/assertions.ts'
import type { RuleId } from '../kit/rules.ts'
import type { RunOptions } from '../kit/run-options.ts'
import type { Closable, StoreAbility, StoreHarness, StoreSetup } from './store-harness.ts'

/** A rule of a store as a function: rejects if the store breaks it. */
export interface StoreRule<Store extends Closable> {
  readonly id: RuleId
  /** What the harness must support for the rule to be tried. */
  readonly needs: readonly StoreAbility[]
  run(setup: StoreSetup<Store>, options?: RunOptions): Promise<void>
}

type Check<Store extends Closable> = (harness: StoreHarness<Store>) => Promise<void>
type Property<Store extends Closable> = (setup: StoreSetup<Store>, options: RunOptions) => Promise<void>

/** Makes a rule of an example, of random cases, or of both. */
export const storeRule = <Store extends Closable>(
  id: RuleId,
  needs: readonly StoreAbility[],
  example: Check<Store> | undefined,
  property?: Property<Store>,
): StoreRule<Store> => ({
  id,
  needs,
  async run(setup, options = {}) {
    if (example) await withHarness(setup, example, SERIES_LIMIT_MS)
    await property?.(setup, options)
  },
})

/** Tries `check` on values of `arbitrary`, each with a new harness. */
export const onFreshStore =
  <Store extends Closable, T>(
    arbitrary: fc.Arbitrary<T>,
    check: (harness: StoreHarness<Store>, value: T) => Promise<void>,
  ): Property<Store> =>
  (setup, { runs = 1000, seed, shrink = true }) =>
    fc.assert(
      fc.asyncProperty(arbitrary, value => withHarness(setup, harness => check(harness, value))),
      { numRuns: runs, endOnFailure: !shrink, ...(seed !== undefined && { seed }) },
    )

/** Limit of a fixed example, in milliseconds. Some crash a store many times, on a disk that others use. */
export const SERIES_LIMIT_MS = 60_000

/** Runs one case with a new harness. Rejects after `limit` milliseconds, so that a call which never ends fails the case. */
export async function withHarness<Store extends Closable>(
  setup: StoreSetup<Store>,
  check: Check<Store>,
  limit = 20_000,
): Promise<void> {
  const harness = await setup()
  let timer: ReturnType<typeof setTimeout> | undefined
  const timeout = new Promise<'late'>(resolve => {
    timer = setTimeout(resolve, limit, 'late')
  })
  try {
    const ended = await Promise.race([check(harness), timeout])
    must(ended !== 'late', `a call did not end within ${limit / 1000} s`)
  } finally {
    clearTimeout(timer)
    await harness.close()
  }
}

/** Joins several properties to one. */
export const each =
  <Store extends Closable>(...properties: readonly Property<Store>[]): Property<Store> =>
  async (setup, options) => {
    for (const property of properties) await property(setup, options)
  }

/** Checks that `call` rejects with an error code: with `code` if it is given. */
export async function mustReject(call: () => Promise<unknown>, what: string, code?: ErrorCode): Promise<void> {
  let called: Promise<unknown>
  try {
    called = call()
  } catch (error) {
    throw new Error(`${what} threw instead of rejecting`, { cause: error })
  }
  const [outcome] = await Promise.allSettled([called])
  mustBeRejected(outcome!, what, code)
}

/** Checks that a call ended with an error code: with `code` if it is given. */
export function mustBeRejected(outcome: PromiseSettledResult<unknown>, what: string, code?: ErrorCode): void {
  must(outcome.status === 'rejected', `${what} did not fail`)
  const { reason } = outcome
  must(isMidsentenceError(reason), `${what} failed without an error code`, String(reason))
  must(code === undefined || reason.code === code, `${what} failed as ${reason.code}, not as ${code}`)
}

/** Returns the result of a call that must succeed. */
export function resultOf<T>(outcome: PromiseSettledResult<T>, what: string): T {
  if (outcome.status === 'fulfilled') return outcome.value
  throw new Error(`${what} failed: ${outcome.reason}`, { cause: outcome.reason })
}

/** Checks that a call in flight at a close succeeded, or failed with an error code. */
export function mustHaveEnded(outcome: PromiseSettledResult<unknown> | undefined, what: string): void {
  if (outcome?.status !== 'rejected') return
  must(isMidsentenceError(outcome.reason), `${what} failed without an error code`, String(outcome.reason))
}

/** Collects all items. */
export async function collected<Item>(items: AsyncIterable<Item>): Promise<Item[]> {
  const found: Item[] = []
  for await (const item of items) found.push(item)
  return found
}
