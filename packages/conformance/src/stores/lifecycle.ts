import { isMidsentenceError } from '@midsentence/core'
import { alike } from './records.ts'
import type { Closable, StoreHarness, StoreSetup } from './store-harness.ts'
import { mustBeRejected, mustHaveEnded, resultOf, withHarness } from './store-rule.ts'

/** One call of a port. What it writes has `nth` in it, its place in the case, so that it is told from the others. */
export interface StoreCall<Store, Known, Item> {
  readonly name: string
  call(store: Store, known: Known, nth: number): Promise<unknown>
  /** What the store holds after it. Absent: it only reads. */
  readonly after?: (held: readonly Item[], nth: number) => readonly Item[]
  /** Of several that are made without a wait the first has its way, the others are refused. */
  readonly once?: true
  /** Not every store has it. */
  readonly has?: (store: Store) => boolean
  /** Failing is no harm, while the store is open. */
  readonly lax?: true
  /** On a closed store it may take the store up again instead of failing. */
  readonly reopens?: true
}

/** What the lifecycle of a kind of store is tried with. */
export interface StoreLifecycle<Store extends Closable, Known, Item> {
  /** Every call of the port but `close`, which is added. */
  readonly calls: readonly StoreCall<Store, Known, Item>[]
  /** Makes a new store hold `first`; answers what calls must know of it. */
  begin(store: Store): Promise<Known>
  readonly first: readonly Item[]
  /** What the port wants called before all else, and what it now holds. */
  read(store: Store): Promise<readonly Item[]>
  /** What was called before `close` is carried out. Else it ends, one way or the other. */
  readonly carriesOut?: true
  /** What a call on a closed store fails with. Absent: any coded error. */
  readonly code?: 'unavailable'
}

/** Where a store stands when a case makes its calls. */
type StoreState = 'opening' | 'open' | 'closing' | 'closed' | 'closed twice' | 'opened again'

const isClosed = (state: StoreState) => state === 'closing' || state === 'closed' || state === 'closed twice'

/** No case takes longer, in milliseconds. */
const PATIENCE_MS = 5000

/**
 * Every call of a port, and every two of them in both orders without a wait between, on a store at each of `stages`:
 * each has its outcome, and the store then holds what was acknowledged, no more and no less.
 */
export const lifecycleCases =
  <Store extends Closable, Known, Item>(lifecycle: StoreLifecycle<Store, Known, Item>, states: readonly StoreState[]) =>
  async (setup: StoreSetup<Store>): Promise<void> => {
    const close: StoreCall<Store, Known, Item> = { name: 'close', call: store => store.close() }
    const calls = [...lifecycle.calls, close]
    const cases = [...calls.map(one => [one]), ...calls.flatMap(one => calls.map(other => [one, other]))]
    for (const state of states) {
      for (const calls of cases) {
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
  for (const outcome of earlier) resultOf(outcome, 'what was called before')
  judge(lifecycle, state, calls, outcomes)
  await mustHold(harness, lifecycle, store, afterwards(lifecycle.first, calls, outcomes))
}

/** Failure goes to the promise. */
function called<Store, Known, Item>(
  { name }: StoreCall<Store, Known, Item>,
  call: () => Promise<unknown>,
): Promise<unknown> {
  try {
    return call()
  } catch (cause) {
    return Promise.reject(new Error(`${name} threw, where failure goes to the promise`, { cause }))
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
    } else if (closed === true && !reopens) mustBeRejected(outcome, `${name} of what is closed`, code)
    else if (closed) {
      mustHaveEnded(outcome, name)
      if (outcome.status === 'fulfilled') closed = 'perhaps'
    } else if (used.has(name)) mustBeRejected(outcome, `a second ${name}`, 'unavailable')
    else if (lax || (!carriesOut && calls.slice(nth).some(one => one.name === 'close'))) mustHaveEnded(outcome, name)
    else resultOf(outcome, name)
    if (once) used.add(name)
  }
}

/** What a store may hold: what was acknowledged is there, what was refused is not, of what is unknown either. */
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

/** Asks the store itself where it is open, and what is opened again behind it. */
async function mustHold<Store extends Closable, Known, Item>(
  harness: StoreHarness<Store>,
  { read }: StoreLifecycle<Store, Known, Item>,
  store: Store,
  possible: readonly (readonly Item[])[],
): Promise<void> {
  const compare = (found: readonly Item[], when: string) => {
    if (possible.some(held => alike(found, held))) return
    const [told, held] = [JSON.stringify(found), JSON.stringify(possible[0])]
    throw new Error(`what it holds${when} is not what was acknowledged\nfound:    ${told}\nexpected: ${held}`)
  }
  const [now] = await Promise.allSettled([read(store)])
  if (now.status === 'fulfilled') compare(now.value, '')
  await store.close()
  if (harness.reopen) compare(await read(await harness.reopen()), ', opened again,')
}
