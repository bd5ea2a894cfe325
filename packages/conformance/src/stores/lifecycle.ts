import { isMidsentenceError } from '@midsentence/core'
import type { RunOptions } from '../kit/run-options.ts'
import { alike } from './records.ts'
import type { Closable, StoreHarness, StoreSetup } from './store-harness.ts'
import { mustBeRejected, mustHaveEnded, resultOf, withHarness } from './store-rule.ts'

/** One call of a port. What it writes contains `nth`, its index in the case, so that records differ. */
export interface StoreCall<Store, Known, Item> {
  readonly name: string
  call(store: Store, known: Known, nth: number): Promise<unknown>
  /** Returns what the store holds after the call. Absent: the call only reads. */
  readonly after?: (held: readonly Item[], nth: number) => readonly Item[]
  /** Of several such calls without a wait between them the first succeeds, and the others are rejected. */
  readonly once?: true
  /** Whether a store has the call. Default: it does. */
  readonly has?: (store: Store) => boolean
  /** The call may fail while the store is open. */
  readonly lax?: true
  /** The call may open a closed store again instead of failing. */
  readonly reopens?: true
}

/** The calls and data that the lifecycle of a kind of store is tried with. */
export interface StoreLifecycle<Store extends Closable, Known, Item> {
  /** Every call of the port except `close`, which is added. */
  readonly calls: readonly StoreCall<Store, Known, Item>[]
  /** Writes `first` to a new store. Resolves with what calls must know of it. */
  begin(store: Store): Promise<Known>
  readonly first: readonly Item[]
  /** Makes the call that the port requires first. Resolves with what the store holds. */
  read(store: Store): Promise<readonly Item[]>
  /** Calls before `close` must succeed. Default: they must end. */
  readonly carriesOut?: true
  /** The error code of a call on a closed store. Absent: any code. */
  readonly code?: 'unavailable'
}

/** States of a store in which a case makes its calls. */
type StoreState = 'opening' | 'open' | 'closing' | 'closed' | 'closed twice' | 'opened again'

const isClosed = (state: StoreState) => state === 'closing' || state === 'closed' || state === 'closed twice'

/** Time limit of one case in milliseconds. */
const PATIENCE_MS = 5000

/**
 * Makes each call of a port, and each ordered pair of calls without a wait, on a store in each of `states`. Checks that
 * each call ends as it must, and that the store then holds exactly what was acknowledged. With fewer than 50 `runs` it
 * makes a third of the pairs in each state, another third in the next one.
 */
export const lifecycleCases =
  <Store extends Closable, Known, Item>(lifecycle: StoreLifecycle<Store, Known, Item>, states: readonly StoreState[]) =>
  async (setup: StoreSetup<Store>, { runs = 1000 }: RunOptions): Promise<void> => {
    const close: StoreCall<Store, Known, Item> = { name: 'close', call: store => store.close() }
    const calls = [...lifecycle.calls, close]
    const cases = [...calls.map(one => [one]), ...calls.flatMap(one => calls.map(other => [one, other]))]
    const part = runs >= 50 ? 1 : 3
    for (const [at, state] of states.entries()) {
      for (const [nth, calls] of cases.entries()) {
        if (calls.length > 1 && (nth + at) % part !== 0) continue
        const name = `${calls.map(one => one.name).join(', then ')} (${state})`
        await withHarness(setup, harness => runCase(harness, lifecycle, state, calls), PATIENCE_MS).catch(cause => {
          throw new Error(`${name}: ${cause.message}`, { cause })
        })
      }
    }
  }

async function runCase<Store extends Closable, Known, Item>(
  harness: StoreHarness<Store>,
  lifecycle: StoreLifecycle<Store, Known, Item>,
  state: StoreState,
  calls: readonly StoreCall<Store, Known, Item>[],
): Promise<void> {
  let store = await harness.open()
  const known = await lifecycle.begin(store)
  const before: Promise<unknown>[] = []
  if (state === 'opening' || state === 'opened again') {
    if (!harness.reopen) return
    await store.close()
    store = await harness.reopen()
    const reading = lifecycle.read(store)
    if (state === 'opened again') await reading
    else before.push(reading)
  }
  if (isClosed(state)) {
    const closing = store.close()
    if (state === 'closing') before.push(closing)
    else await closing
    if (state === 'closed twice') await store.close()
  }
  if (calls.some(({ has }) => has?.(store) === false)) return
  const under = calls.map((one, nth) => called(one, () => one.call(store, known, nth)))
  const [earlier, outcomes] = await Promise.all([Promise.allSettled(before), Promise.allSettled(under)])
  for (const outcome of earlier) resultOf(outcome, 'an earlier call')
  judge(lifecycle, state, calls, outcomes)
  await mustHold(harness, lifecycle, store, afterwards(lifecycle.first, calls, outcomes))
}

/** Makes a call, which must not throw. */
function called<Store, Known, Item>(
  { name }: StoreCall<Store, Known, Item>,
  call: () => Promise<unknown>,
): Promise<unknown> {
  try {
    return call()
  } catch (cause) {
    return Promise.reject(new Error(`${name} threw instead of rejecting`, { cause }))
  }
}

function judge<Store extends Closable, Known, Item>(
  { carriesOut, code }: StoreLifecycle<Store, Known, Item>,
  state: StoreState,
  calls: readonly StoreCall<Store, Known, Item>[],
  outcomes: readonly PromiseSettledResult<unknown>[],
): void {
  let closed: boolean | 'perhaps' = isClosed(state)
  const used = new Set<string>()
  for (const [nth, { name, once, lax, reopens }] of calls.entries()) {
    const outcome = outcomes[nth]!
    if (name === 'close') {
      resultOf(outcome, 'close')
      closed = true
    } else if (closed === true && !reopens) mustBeRejected(outcome, `${name} after close`, code)
    else if (closed) {
      mustHaveEnded(outcome, name)
      if (outcome.status === 'fulfilled') closed = 'perhaps'
    } else if (used.has(name)) mustBeRejected(outcome, `a second ${name}`, 'unavailable')
    else if (lax || (!carriesOut && calls.slice(nth).some(one => one.name === 'close'))) mustHaveEnded(outcome, name)
    else resultOf(outcome, name)
    if (once) used.add(name)
  }
}

/** Returns what a store may hold: acknowledged writes, no rejected ones, and each unknown one or not. */
function afterwards<Store, Known, Item>(
  first: readonly Item[],
  calls: readonly StoreCall<Store, Known, Item>[],
  outcomes: readonly PromiseSettledResult<unknown>[],
): (readonly Item[])[] {
  let possible = [first]
  for (const [nth, { after }] of calls.entries()) {
    const outcome = outcomes[nth]!
    if (!after) continue
    const led = possible.map(held => after(held, nth))
    if (outcome.status === 'fulfilled') possible = led
    else if (isMidsentenceError(outcome.reason) && outcome.reason.data.unknown) possible = [...possible, ...led]
  }
  return possible
}

/** Checks what the store holds, both while it is open and after it is opened again. */
async function mustHold<Store extends Closable, Known, Item>(
  harness: StoreHarness<Store>,
  { read }: StoreLifecycle<Store, Known, Item>,
  store: Store,
  possible: readonly (readonly Item[])[],
): Promise<void> {
  const compare = (found: readonly Item[], when: string) => {
    if (possible.some(held => alike(found, held))) return
    const [told, held] = [JSON.stringify(found), JSON.stringify(possible[0])]
    throw new Error(`the store does not hold what was acknowledged${when}\nfound:    ${told}\nexpected: ${held}`)
  }
  const [now] = await Promise.allSettled([read(store)])
  if (now.status === 'fulfilled') compare(now.value, '')
  await store.close()
  if (harness.reopen) compare(await read(await harness.reopen()), ', after it was opened again')
}
