import { type Pause, turns } from '../kit/turns.ts'
import { Calls } from './pending-calls.ts'
import type { Closable, StoreHarness } from './store-harness.ts'
import { resultOf } from './store-rule.ts'

/** A store that is one series of items, as journals are. */
export interface Series<Item> {
  read(): Promise<readonly Item[]>
  append(items: readonly Item[]): Promise<void>
  replace?(items: readonly Item[]): Promise<void>
}

/** One thing that is done with a series. Nothing of it is awaited before the next `settle`. */
export type SeriesStep<Item> =
  | { readonly do: 'append' | 'replace'; readonly items: readonly Item[] }
  | { readonly do: 'read' | 'settle' | 'close' | 'crash' }
  | Pause

/** How the series of a store is played. */
export interface SeriesWays<Store extends Closable, Item> {
  of(store: Store): Series<Item>
  /** May `expected` be read as `found`? Throws where it may not. */
  compare(found: readonly Item[], expected: readonly Item[], what: string): void
}

/** Plays `script` on the store of `harness`, and compares its content with a plain array. */
export async function playSeries<Store extends Closable, Item>(
  harness: StoreHarness<Store>,
  ways: SeriesWays<Store, Item>,
  script: readonly SeriesStep<Item>[],
): Promise<void> {
  const play = new SeriesPlay(harness, ways, await harness.open())
  await play.take({ do: 'read' })
  for (const step of script) await play.take(step)
  for (const step of ['settle', 'read', 'settle'] as const) await play.take({ do: step })
}

class SeriesPlay<Store extends Closable, Item> {
  readonly #harness: StoreHarness<Store>
  readonly #ways: SeriesWays<Store, Item>
  readonly #calls = new Calls()
  #store: Store
  #series: Series<Item>
  /** What it holds behind each call that was made; the first is what it began with. */
  #states: (readonly Item[])[] = [[]]
  /** The last of them that somebody was told of: nobody may find an earlier one from then on. */
  #told = 0

  constructor(harness: StoreHarness<Store>, ways: SeriesWays<Store, Item>, store: Store) {
    this.#harness = harness
    this.#ways = ways
    this.#store = store
    this.#series = ways.of(store)
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
    const handed = [...items]
    const place = this.#states.push(state) - 1
    this.#calls.watch(call(handed), outcome => {
      resultOf(outcome, 'a writing')
      this.#told = Math.max(this.#told, place)
      // The array is the caller's.
      handed.length = 0
    })
  }

  #read(): void {
    const place = this.#states.length - 1
    this.#calls.watch(this.#series.read(), outcome => {
      const found = resultOf(outcome, 'a reading')
      this.#ways.compare(found, this.#states[place]!, 'what is read is not what the calls before led to')
      this.#told = Math.max(this.#told, place)
      // What was handed out is the reader's.
      Reflect.set(found, 'length', 0)
    })
  }

  async #close(): Promise<void> {
    await this.#store.close()
    await this.#calls.ended()
    await this.#reopen()
    this.#ways.compare(
      await this.#series.read(),
      this.#last,
      'what was closed is something else when it is opened again',
    )
  }

  /** What somebody was told of is there; of what was under way the first calls are, each as a whole, or none. */
  async #crash(): Promise<void> {
    const crashed = this.#harness.crash?.()
    this.#calls.forget()
    await crashed
    await this.#reopen()
    const found = await this.#series.read()
    const possible = this.#states.slice(this.#told).reverse()
    const state = possible.find(state => this.#isLike(found, state))
    const crash = 'a crash left something else than what the calls led to that had ended, or some more of them'
    if (!state) this.#ways.compare(found, possible.at(-1)!, crash)
    this.#states = [state ?? []]
    this.#told = 0
  }

  #isLike(found: readonly Item[], state: readonly Item[]): boolean {
    try {
      this.#ways.compare(found, state, '')
      return true
    } catch {
      return false
    }
  }

  async #reopen(): Promise<void> {
    this.#store = await this.#harness.reopen!()
    this.#series = this.#ways.of(this.#store)
  }
}
