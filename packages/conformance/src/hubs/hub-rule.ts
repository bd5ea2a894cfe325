import fc from 'fast-check'
import type { BrokenRule } from '../kit/broken-rule.ts'
import type { RuleId } from '../kit/rules.ts'
import type { RunOptions } from '../transport/transport-rule.ts'
import type { HubBench } from './hub-harness.ts'
import { type HubPlay, tryPlay } from './hub-play.ts'

/** A rule that a hub keeps, as a function: it rejects where the rule is broken, with the smallest story that shows it. */
export interface HubRule {
  readonly id: RuleId
  /** What the bench must be able to do for the rule to be tried. */
  readonly needs: readonly 'logs'[]
  run(bench: HubBench, options?: RunOptions): Promise<void>
}

/** What one way of playing showed: the first broken rule of each id, by one seed. */
interface Shown {
  readonly seed: number
  readonly broken: ReadonlyMap<RuleId, BrokenRule>
}

/** A way to play that many rules look at: played once for one bench and one `options`. */
export class SharedPlay<T> {
  readonly #play: HubPlay<T>
  readonly #share: number
  readonly #shown = new WeakMap<HubBench, { readonly options: RunOptions; readonly shown: Promise<Shown> }>()

  /** `share`: of the runs asked for, at least one. */
  constructor(play: HubPlay<T>, share = 1) {
    this.#play = play
    this.#share = share
  }

  /** Rejects where one of `ids` is among what `bench` breaks. */
  async hold(ids: readonly RuleId[] | 'any', bench: HubBench, options: RunOptions): Promise<void> {
    const wanted = ({ rule }: BrokenRule) => ids === 'any' || ids.includes(rule)
    const runs = Math.max(1, Math.round((options.runs ?? defaultRuns()) * this.#share))
    // Whoever wants no smallest counterexample mostly looks for one rule, and for the first.
    if (options.shrink === false) return fail(await tryPlay(this.#play, bench, { ...options, runs }, wanted))
    const { seed, broken } = await this.#showing(bench, options, runs)
    const found = ids === 'any' ? broken.size > 0 : ids.some(id => broken.has(id))
    if (found) fail(await tryPlay(this.#play, bench, { ...options, runs, seed }, wanted))
  }

  #showing(bench: HubBench, options: RunOptions, runs: number): Promise<Shown> {
    const known = this.#shown.get(bench)
    if (known?.options === options) return known.shown
    const seed = options.seed ?? fc.readConfigureGlobal().seed ?? Math.trunc(Math.random() * 2 ** 31)
    const broken = new Map<RuleId, BrokenRule>()
    const shown = tryPlay(this.#play, bench, { runs, seed }, found => {
      if (!broken.has(found.rule)) broken.set(found.rule, found)
      return false
    }).then(() => ({ seed, broken }))
    this.#shown.set(bench, { options, shown })
    return shown
  }
}

const fail = (broken: BrokenRule | undefined): void => {
  if (broken) throw broken
}

const defaultRuns = (): number => (environment('MIDSENTENCE_TIER') === 'long' ? 10_000 : 1000)

const environment = (name: string): string | undefined =>
  (globalThis as { process?: { env: Record<string, string | undefined> } }).process?.env[name]
