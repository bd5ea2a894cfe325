import type { RuleId } from '../../kit/rules.ts'
import type { HttpTranscript } from '../transcript.ts'

export type Dialect = 'native' | 'legacy'

/** The smallest case found that breaks a rule. */
export interface Finding {
  /** One sentence; further lines show the values found. */
  readonly why: string
  /** The requests and answers of that case. Absent for the legacy dialect. */
  readonly transcript?: HttpTranscript
  /** Shell lines that repeat the case in a new room. */
  readonly curl?: string
}

interface RuleHeader {
  readonly id: RuleId
  readonly title: string
}

export type RuleOutcome =
  | (RuleHeader & { readonly outcome: 'pass'; readonly cases: number; readonly ms: number; readonly checked?: string })
  | (RuleHeader & { readonly outcome: 'fail'; readonly cases: number; readonly ms: number; readonly finding: Finding })
  | (RuleHeader & { readonly outcome: 'skipped'; readonly reason: string })

/** The result of a run, rule by rule in the order of SPEC.md. Plain JSON. */
export interface Report {
  readonly url: string
  readonly dialect: Dialect
  /** The same seed gives the same cases. */
  readonly seed: number
  readonly runs: number
  readonly started: string
  readonly ms: number
  readonly outcomes: readonly RuleOutcome[]
}

/** Counts the rules of `report` with this outcome. */
export const countOf = ({ outcomes }: Report, outcome: RuleOutcome['outcome']): number =>
  outcomes.filter(one => one.outcome === outcome).length
