import { type Pause, turns } from '../kit/turns.ts'
import { Calls } from './pending-calls.ts'
import type { Closable, StoreHarness } from './store-harness.ts'
import { resultOf } from './store-rule.ts'

/** A store with one series of items, such as a journal. */
export interface Series<Item> {
  read(): Promise<readonly Item[]>
  append(items: readonly Item[]): Promise<void>
  replace?(items: readonly Item[]): Promise<void>
}

/** One call on a series. Calls are not awaited before the next `settle`. */
export type SeriesStep<Item> =
  | { readonly do: 'append' | 'replace'; readonly items: readonly Item[] }
  | { readonly do: 'read' | 'settle' | 'close' | 'crash' }
  | Pause

/** How to reach and compare the series of a store. */
export interface SeriesAccess<Store extends Closable, Item> {
  of(store: Store): Series<Item>
  /** Throws unless `expected` may be read as `found`. */
  compare(found: readonly Item[], expected: readonly Item[], what: string): void
}

/** Plays `script` on the store of `harness` and compares it with a plain array. */
export async function playSeries<Store extends Closable, Item>(
  harness: StoreHarness<Store>,
  access: SeriesAccess<Store, Item>,
  script: readonly SeriesStep<Item>[],
): Promise<void> {
  const play = new SeriesPlay(harness, access, await harness.open())
  await play.take({ do: 'read' })
  for (const step of script) await play.take(step)
  for (const step of ['settle', 'read', 'settle'] as const) await play.take({ do: step })
}

class SeriesPlay<Store extends Closable, Item> {
  readonly #harness: StoreHarness<Store>
  readonly #access: SeriesAccess<Store, Item>
  readonly #calls = new Calls()
  #store: Store
  #series: Series<Item>
  /** The contents after each call; the first is the initial contents. */
  #states: (readonly Item[])[] = [[]]
  /** Index of the newest state that was acknowledged or read: later reads must not find an earlier one. */
  #known = 0

  constructor(harness: StoreHarness<Store>, access: SeriesAccess<Store, Item>, store: Store) {
    this.#harness = harness
    this.#access = access
    this.#store = store
    this.#series = access.of(store)
  }

  async take(step: SeriesStep<Item>): Promise<void> {
    switch (step.do) {
      case 'append':
        return this.#write([...this.#last, ...step.items], step.items, items => this.#series.append(items))
      case 'replace':
        return this.#write(step.items, step.items, items => this.#series.replace!(items))
      case 'read':
        return this.#read()
      case 'settle':
        return this.#calls.ended()
      case 'pause':
        return turns(step)
      case 'close':
        return this.#close()
      case 'crash':
        return this.#crash()
    }
  }

  get #last(): readonly Item[] {
    return this.#states.at(-1)!
  }

  #write(state: readonly Item[], items: readonly Item[], call: (items: readonly Item[]) => Promise<void>): void {
    const passed = [...items]
    const index = this.#states.push(state) - 1
    this.#calls.watch(call(passed), outcome => {
      resultOf(outcome, 'a writing')
      this.#known = Math.max(this.#known, index)
      // A store must not keep the array of its caller.
      passed.length = 0
    })
  }

  #read(): void {
    const index = this.#states.length - 1
    this.#calls.watch(this.#series.read(), outcome => {
      const found = resultOf(outcome, 'a reading')
      this.#access.compare(found, this.#states[index]!, 'a read does not match the calls before it')
      this.#known = Math.max(this.#known, index)
      // A store must not hand out its own array.
      Reflect.set(found, 'length', 0)
    })
  }

  async #close(): Promise<void> {
    await this.#store.close()
    await this.#calls.ended()
    await this.#reopen()
    this.#access.compare(await this.#series.read(), this.#last, 'a reopened store has other contents')
  }

  /** What was known is there, and of the calls in flight the first ones, each whole, or none. */
  async #crash(): Promise<void> {
    const crashed = this.#harness.crash?.()
    this.#calls.forget()
    await crashed
    await this.#reopen()
    const found = await this.#series.read()
    const possible = this.#states.slice(this.#known).reverse()
    const state = possible.find(state => this.#isLike(found, state))
    const crash = 'a crash left something other than the ended calls and perhaps the next ones'
    if (!state) this.#access.compare(found, possible.at(-1)!, crash)
    this.#states = [state ?? []]
    this.#known = 0
  }

  #isLike(found: readonly Item[], state: readonly Item[]): boolean {
    try {
      this.#access.compare(found, state, '')
      return true
    } catch {
      return false
    }
  }

  async #reopen(): Promise<void> {
    this.#store = await this.#harness.reopen!()
    this.#series = this.#access.of(this.#store)
  }
}
