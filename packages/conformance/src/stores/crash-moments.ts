import { must } from '../kit/assertions.ts'
import { turns } from '../kit/turns.ts'
import { alike } from './records.ts'
import type { Closable, StoreHarness } from './store-harness.ts'

/** How to append to one kind of store and read it. */
export interface CrashAccess<Store extends Closable, Item> {
  append(store: Store, items: readonly Item[]): Promise<unknown>
  read(store: Store): Promise<readonly Item[]>
  /** Makes the items of append number `nth`. */
  items(nth: number): readonly Item[]
}

/** Moments of a crash after the call of an append: short and long turns. The last ones outlast most writes. */
const moments = Array.from({ length: 20 }, (_, at) =>
  at < 10 ? { short: at, long: 0 } : { short: 0, long: (at - 9) ** 2 },
)

/**
 * Reads during an append and crashes the store right after, once at each of `moments`. What a reader saw or an append
 * acknowledged must be there after the crash, and each append as a whole or not at all. The appends of later rounds
 * follow what a crash left, such as an incomplete line.
 */
export async function crashAtMoments<Store extends Closable, Item>(
  harness: StoreHarness<Store>,
  { append, read, items }: CrashAccess<Store, Item>,
): Promise<void> {
  let store = await harness.open()
  await read(store)
  let held: readonly Item[] = []
  for (const [nth, moment] of moments.entries()) {
    const written = items(nth)
    let acknowledged = false
    append(store, written).then(
      () => {
        acknowledged = true
      },
      () => {},
    )
    await turns(moment)
    const readable = () =>
      read(store).catch(cause => {
        throw new Error(`a store cannot be read after crash ${nth} of ${moments.length}: ${cause.message}`, { cause })
      })
    const seen = await readable()
    const known = acknowledged || seen.length > held.length
    await harness.crash!()
    store = await harness.reopen!()
    const found = await readable()
    const whole = [...held, ...written]
    if (alike(found, whole)) held = whole
    else {
      const what = known
        ? 'after a crash an append is missing that a reader saw or that was acknowledged'
        : 'a crash left something else than whole appends'
      must(!known && alike(found, held), what, { found, written: whole })
    }
  }
}
