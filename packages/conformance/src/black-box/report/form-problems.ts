import type { RuleId } from '../../kit/rules.ts'
import { curlLines } from '../curl.ts'
import type { HttpTranscript } from '../transcript.ts'
import type { Finding, RuleOutcome } from './report.ts'

/** Collects problems of form over all cases of a run: of each rule the one with the fewest steps. */
export class FormProblems {
  readonly #found = new Map<RuleId, { readonly why: string; readonly transcript: HttpTranscript }>()

  add(id: RuleId, why: string, transcript: HttpTranscript): void {
    const before = this.#found.get(id)
    if (!before || transcript.steps.length < before.transcript.steps.length) this.#found.set(id, { why, transcript })
  }

  /**
   * Returns the outcome of a rule, broken if a problem of its form was found in a case of any rule. A wrong form is named
   * before what else breaks the rule: it is the likelier cause.
   */
  applyTo(outcome: RuleOutcome): RuleOutcome {
    const found = this.#found.get(outcome.id)
    if (!found) return outcome
    const { id, title } = outcome
    const { cases, ms } = outcome.outcome === 'skipped' ? { cases: 1, ms: 0 } : outcome
    const finding: Finding = { ...found, curl: curlLines(found.transcript) }
    return { id, title, outcome: 'fail', cases, ms, finding }
  }
}
