import fc from 'fast-check'
import { BrokenRule } from './broken-rule.ts'
import type { RuleId } from './rules.ts'
import { defaultRuns, type RunOptions } from './run-options.ts'

/** Random cases that show violations of several rules. */
export interface SharedCases<Subject, Case> {
  readonly cases: (options: RunOptions) => fc.Arbitrary<Case>
  /** Plays one case on `subject`. Rejects with a `BrokenRule`, or passes each one to `report`. */
  play(subject: Subject, value: Case, report: (broken: BrokenRule) => void): Promise<void>
}

interface Findings {
  readonly seed: number
  /** The first violation of each rule. */
  readonly broken: ReadonlySet<RuleId>
}

/** Plays random cases once for all rules that judge them, since playing takes most of the time. */
export class SharedRun<Subject extends object, Case> {
  readonly #shared: SharedCases<Subject, Case>
  readonly #share: number
  readonly #findings = new WeakMap<Subject, { readonly options: RunOptions; readonly found: Promise<Findings> }>()

  /** `share` is the part of the asked runs that is played, at least one run. Default: 1. */
  constructor(shared: SharedCases<Subject, Case>, share = 1) {
    this.#shared = shared
    this.#share = share
  }

  /**
   * Rejects if `subject` breaks one of `ids`, with the smallest case that shows it. Calls with the same subject and the
   * same `options` object share one run.
   */
  async check(ids: readonly RuleId[] | 'any', subject: Subject, options: RunOptions): Promise<void> {
    const wanted = (id: RuleId) => ids === 'any' || ids.includes(id)
    // A caller that wants no smallest case usually asks for one rule: the run ends with its first violation.
    if (options.shrink === false) return this.#run(subject, options, wanted)
    const { seed, broken } = await this.#shareFindings(subject, options)
    if ([...broken].some(wanted)) return this.#run(subject, { ...options, seed }, wanted)
  }

  #shareFindings(subject: Subject, options: RunOptions): Promise<Findings> {
    const known = this.#findings.get(subject)
    if (known?.options === options) return known.found
    const seed = options.seed ?? fc.readConfigureGlobal().seed ?? Math.trunc(Math.random() * 2 ** 31)
    const broken = new Set<RuleId>()
    const collect = (id: RuleId) => {
      broken.add(id)
      return false
    }
    const found = this.#run(subject, { ...options, seed }, collect).then(() => ({ seed, broken }))
    this.#findings.set(subject, { options, found })
    return found
  }

  async #run(subject: Subject, options: RunOptions, wanted: (id: RuleId) => boolean): Promise<void> {
    const { runs = defaultRuns(), seed, shrink = true } = options
    const report = (broken: BrokenRule) => {
      if (wanted(broken.rule)) throw broken
    }
    const property = fc.asyncProperty(this.#shared.cases(options), async value => {
      try {
        await this.#shared.play(subject, value, report)
      } catch (error) {
        if (!(error instanceof BrokenRule)) throw error
        report(error)
      }
    })
    const details = await fc.check(property, {
      numRuns: Math.max(1, Math.round(runs * this.#share)),
      endOnFailure: !shrink,
      ...(seed !== undefined && { seed }),
    })
    if (!details.failed) return
    const { errorInstance: cause, counterexample, numRuns, numShrinks } = details
    const [what, broken] = cause instanceof BrokenRule ? [cause.message, cause] : [`${cause}`, undefined]
    const found = `found by seed ${details.seed}, run ${numRuns}, after ${numShrinks} steps of shrinking`
    const message = `${what}\n${found}\ncase: ${fc.stringify(counterexample?.[0])}`
    throw broken ? Object.assign(broken, { message }) : new Error(message, { cause })
  }
}
