import { isMidsentenceError } from '@midsentence/core'
import { alike } from './records.ts'
import type { Closable, StoreHarness, StoreSetup } from './store-harness.ts'
import { mustBeRefused, mustHaveEnded, onBench, resultOf } from './store-rule.ts'

/** One call of a port. What it writes has `nth` in it, its place in the case, so that it is told from the others. */
export interface Act<Store, Known, Item> {
  readonly name: string
  call(store: Store, known: Known, nth: number): Promise<unknown>
  /** What the store holds after it. Absent: it only reads. */
  readonly leads?: (held: readonly Item[], nth: number) => readonly Item[]
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
export interface Living<Store extends Closable, Known, Item> {
  /** Every call of the port but `close`, which is added. */
  readonly acts: readonly Act<Store, Known, Item>[]
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
type Stage = 'opening' | 'open' | 'closing' | 'closed' | 'closed twice' | 'opened again'

const isClosed = (stage: Stage) => stage === 'closing' || stage === 'closed' || stage === 'closed twice'

/** No case takes longer, in milliseconds. */
const PATIENCE_MS = 5000

/**
 * Every call of a port, and every two of them in both orders without a wait between, on a store at each of `stages`:
 * each has its outcome, and the store then holds what was acknowledged, no more and no less.
 */
export const lives =
  <Store extends Closable, Known, Item>(living: Living<Store, Known, Item>, stages: readonly Stage[]) =>
  async (setup: StoreSetup<Store>): Promise<void> => {
    const close: Act<Store, Known, Item> = { name: 'close', call: store => store.close() }
    const acts = [...living.acts, close]
    const cases = [...acts.map(act => [act]), ...acts.flatMap(one => acts.map(other => [one, other]))]
    for (const stage of stages) {
      for (const calls of cases) {
        const name = `${calls.map(act => act.name).join(', then ')} (${stage})`
        await onBench(setup, bench => live(bench, living, stage, calls), PATIENCE_MS).catch(cause => {
          throw new Error(`${name}: ${cause.message}`, { cause })
        })
      }
    }
  }

async function live<Store extends Closable, Known, Item>(
  bench: StoreHarness<Store>,
  living: Living<Store, Known, Item>,
  stage: Stage,
  acts: readonly Act<Store, Known, Item>[],
): Promise<void> {
  let store = await bench.open()
  const known = await living.begin(store)
  const before: Promise<unknown>[] = []
  if (stage === 'opening' || stage === 'opened again') {
    if (!bench.reopen) return
    await store.close()
    store = await bench.reopen()
    const reading = living.read(store)
    if (stage === 'opened again') await reading
    else before.push(reading)
  }
  if (isClosed(stage)) {
    const closing = store.close()
    if (stage === 'closing') before.push(closing)
    else await closing
    if (stage === 'closed twice') await store.close()
  }
  if (acts.some(({ has }) => has?.(store) === false)) return
  const under = acts.map((act, nth) => called(act, () => act.call(store, known, nth)))
  const [earlier, outcomes] = await Promise.all([Promise.allSettled(before), Promise.allSettled(under)])
  for (const outcome of earlier) resultOf(outcome, 'what was called before')
  judge(living, stage, acts, outcomes)
  await mustHold(bench, living, store, afterwards(living.first, acts, outcomes))
}

/** Failure goes to the promise. */
function called<Store, Known, Item>({ name }: Act<Store, Known, Item>, call: () => Promise<unknown>): Promise<unknown> {
  try {
    return call()
  } catch (cause) {
    return Promise.reject(new Error(`${name} threw, where failure goes to the promise`, { cause }))
  }
}

function judge<Store extends Closable, Known, Item>(
  { carriesOut, code }: Living<Store, Known, Item>,
  stage: Stage,
  acts: readonly Act<Store, Known, Item>[],
  outcomes: readonly PromiseSettledResult<unknown>[],
): void {
  let closed: boolean | 'perhaps' = isClosed(stage)
  const used = new Set<string>()
  for (const [nth, { name, once, lax, reopens }] of acts.entries()) {
    const outcome = outcomes[nth]!
    if (name === 'close') {
      resultOf(outcome, 'close')
      closed = true
    } else if (closed === true && !reopens) mustBeRefused(outcome, `${name} of what is closed`, code)
    else if (closed) {
      mustHaveEnded(outcome, name)
      if (outcome.status === 'fulfilled') closed = 'perhaps'
    } else if (used.has(name)) mustBeRefused(outcome, `a second ${name}`, 'unavailable')
    else if (lax || (!carriesOut && acts.slice(nth).some(act => act.name === 'close'))) mustHaveEnded(outcome, name)
    else resultOf(outcome, name)
    if (once) used.add(name)
  }
}

/** What a store may hold: what was acknowledged is there, what was refused is not, of what is unknown either. */
function afterwards<Store, Known, Item>(
  first: readonly Item[],
  acts: readonly Act<Store, Known, Item>[],
  outcomes: readonly PromiseSettledResult<unknown>[],
): (readonly Item[])[] {
  let possible = [first]
  for (const [nth, { leads }] of acts.entries()) {
    const outcome = outcomes[nth]!
    if (!leads) continue
    const led = possible.map(held => leads(held, nth))
    if (outcome.status === 'fulfilled') possible = led
    else if (isMidsentenceError(outcome.reason) && outcome.reason.data.unknown) possible = [...possible, ...led]
  }
  return possible
}

/** Asks the store itself where it is open, and what is opened again behind it. */
async function mustHold<Store extends Closable, Known, Item>(
  bench: StoreHarness<Store>,
  { read }: Living<Store, Known, Item>,
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
  if (bench.reopen) compare(await read(await bench.reopen()), ', opened again,')
}
