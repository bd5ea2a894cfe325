import type { Seq } from '@midsentence/core'
import { type Deed, isLost } from './deeds.ts'
import type { Call, Witness } from './history.ts'
import { countBelow } from './sorted.ts'

/** The lowest and the highest that a cursor can have been. */
export interface Span {
  readonly low: Seq
  readonly high: Seq
}

/**
 * What a session can have known when. A cursor is moved where the session lives, between the call and the answer; so
 * what ended before a call was surely known to it, and what had not begun when it ended was surely not.
 */
export class Knowledge {
  readonly #witness: Witness
  readonly #ends: readonly number[]
  readonly #known: readonly Seq[]
  readonly #begins: readonly number[]
  readonly #best: readonly { readonly deed: Deed | undefined; readonly cursor: Seq; readonly second: Seq }[]
  readonly #firstLost: number
  readonly #claims: { readonly from: readonly number[]; readonly highest: readonly Seq[] }

  constructor(witness: Witness, deeds: readonly Deed[]) {
    const told = deeds.filter(deed => deed.told)
    const byEnd = [...told].sort((a, b) => a.to - b.to)
    this.#witness = witness
    this.#ends = byEnd.map(({ to }) => to)
    let highest = witness.cursor
    this.#known = byEnd.map(({ told }) => (highest = Math.max(highest, told!.cursor)))
    this.#begins = told.map(({ from }) => from)
    let best: { deed: Deed | undefined; cursor: Seq; second: Seq } = {
      deed: undefined,
      cursor: witness.cursor,
      second: witness.cursor,
    }
    this.#best = told.map(deed => {
      const { cursor } = deed.told!
      if (cursor > best.cursor) best = { deed, cursor, second: best.cursor }
      else if (cursor > best.second) best = { ...best, second: cursor }
      return best
    })
    const claims = deeds
      .flatMap(({ calls }) => calls)
      .filter(({ after }) => after !== undefined)
      .sort((a, b) => a.from - b.from)
    let claimed = 0
    this.#claims = {
      from: claims.map(({ from }) => from),
      highest: claims.map(({ after }) => (claimed = Math.max(claimed, after!))),
    }
    this.#firstLost = deeds.find(isLost)?.from ?? Number.POSITIVE_INFINITY
  }

  /** The cursor of the answers that had come before `moment`. */
  before(moment: number): Seq {
    return this.#known[countBelow(this.#ends, moment) - 1] ?? this.#witness.cursor
  }

  /** What it had said by then to have, in whatever call was made before `moment`. */
  claimedBefore(moment: number): Seq {
    const { from, highest } = this.#claims
    return highest[countBelow(from, moment) - 1] ?? 0
  }

  /** Was an answer lost that was asked for before `moment`? */
  lostBefore(moment: number): boolean {
    return this.#firstLost < moment
  }

  /** The cursor that a push was judged by: what its author said, or had been given when it called. */
  baseOf(deed: Deed): Span {
    const spans = deed.calls.map(call => this.#baseOf(call, deed))
    return { low: Math.min(...spans.map(({ low }) => low)), high: Math.max(...spans.map(({ high }) => high)) }
  }

  #baseOf({ from, after }: Call, deed: Deed): Span {
    if (after !== undefined) {
      const said = Math.max(after, this.#witness.cursor)
      return { low: said, high: said }
    }
    if (this.lostBefore(deed.to)) return { low: this.before(from), high: Number.POSITIVE_INFINITY }
    const best = this.#best[countBelow(this.#begins, deed.to) - 1]
    const high = !best ? this.#witness.cursor : best.deed === deed ? best.second : best.cursor
    return { low: this.before(from), high }
  }
}
