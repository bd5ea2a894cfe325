import type { Seq } from '@midsentence/core'
import type { CallerTrace, RecordedCall } from './history.ts'
import { countBelow } from './sorted.ts'
import { mayHaveDelivered, type TimedCall } from './timed-call.ts'

/** The lowest and highest value that a cursor may have had. */
export interface CursorRange {
  readonly low: Seq
  readonly high: Seq
}

/**
 * Computes which cursor a session may have had at a time. The server moves the cursor between a call and its answer. So
 * a call certainly knew the answers that arrived before it, and nothing that was called after its own answer.
 */
export class CursorBounds {
  readonly #caller: CallerTrace
  readonly #ends: readonly number[]
  readonly #answered: readonly Seq[]
  readonly #begins: readonly number[]
  readonly #highest: readonly {
    readonly timedCall: TimedCall | undefined
    readonly cursor: Seq
    readonly second: Seq
  }[]
  readonly #firstLost: number
  readonly #claims: { readonly from: readonly number[]; readonly highest: readonly Seq[] }

  constructor(caller: CallerTrace, calls: readonly TimedCall[]) {
    const answered = calls.filter(timedCall => timedCall.answer)
    const byEnd = [...answered].sort((a, b) => a.to - b.to)
    this.#caller = caller
    this.#ends = byEnd.map(({ to }) => to)
    let highest = caller.cursor
    this.#answered = byEnd.map(({ answer }) => (highest = Math.max(highest, answer!.cursor)))
    this.#begins = answered.map(({ from }) => from)
    let best: { timedCall: TimedCall | undefined; cursor: Seq; second: Seq } = {
      timedCall: undefined,
      cursor: caller.cursor,
      second: caller.cursor,
    }
    this.#highest = answered.map(timedCall => {
      const { cursor } = timedCall.answer!
      if (cursor > best.cursor) best = { timedCall, cursor, second: best.cursor }
      else if (cursor > best.second) best = { ...best, second: cursor }
      return best
    })
    const claims = calls
      .flatMap(call => call.calls)
      .filter(({ after }) => after !== undefined)
      .sort((a, b) => a.from - b.from)
    let claimed = 0
    this.#claims = {
      from: claims.map(({ from }) => from),
      highest: claims.map(({ after }) => (claimed = Math.max(claimed, after!))),
    }
    this.#firstLost = calls.find(mayHaveDelivered)?.from ?? Number.POSITIVE_INFINITY
  }

  /** Returns the highest cursor of the answers that arrived before `moment`. */
  answeredBefore(moment: number): Seq {
    return this.#answered[countBelow(this.#ends, moment) - 1] ?? this.#caller.cursor
  }

  /** Returns the highest cursor that the session sent in a call before `moment`, or 0. */
  claimedBefore(moment: number): Seq {
    const { from, highest } = this.#claims
    return highest[countBelow(from, moment) - 1] ?? 0
  }

  /** Tells whether the answer to a call before `moment` was lost. */
  lostBefore(moment: number): boolean {
    return this.#firstLost < moment
  }

  /** Returns the cursor that a push was judged by: the one its author sent, or the session's cursor at the call. */
  baseOf(timedCall: TimedCall): CursorRange {
    const spans = timedCall.calls.map(call => this.#baseOf(call, timedCall))
    return { low: Math.min(...spans.map(({ low }) => low)), high: Math.max(...spans.map(({ high }) => high)) }
  }

  #baseOf({ from, after }: RecordedCall, timedCall: TimedCall): CursorRange {
    if (after !== undefined) {
      const sent = Math.max(after, this.#caller.cursor)
      return { low: sent, high: sent }
    }
    if (this.lostBefore(timedCall.to)) return { low: this.answeredBefore(from), high: Number.POSITIVE_INFINITY }
    const best = this.#highest[countBelow(this.#begins, timedCall.to) - 1]
    const high = !best ? this.#caller.cursor : best.timedCall === timedCall ? best.second : best.cursor
    // A session that replaces another one begins at its own cursor, before an answer tells it.
    const begun = (this.#caller.replaced ?? []).flatMap(({ at, cursor }) => (at < timedCall.to ? [cursor] : []))
    return { low: this.answeredBefore(from), high: Math.max(high, ...begun) }
  }
}
