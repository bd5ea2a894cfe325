import type { RuleId } from '../kit/rules.ts'
import type { Transcript } from './transcript.ts'

export type Dialect = 'native' | 'seed'

/** Why a rule is not kept: the smallest case that was found. */
export interface Finding {
  /** One sentence, and what was found where it helps. */
  readonly why: string
  /** What was asked and answered in that case. Absent where it was not JSON-RPC. */
  readonly transcript?: Transcript
  /** Lines for a shell that ask the same again, in a room of their own. */
  readonly curl?: string
}

interface OfRule {
  readonly id: RuleId
  readonly title: string
}

export type Outcome =
  | (OfRule & { readonly outcome: 'pass'; readonly cases: number; readonly ms: number; readonly checked?: string })
  | (OfRule & { readonly outcome: 'fail'; readonly cases: number; readonly ms: number; readonly finding: Finding })
  | (OfRule & { readonly outcome: 'skipped'; readonly reason: string })

/** What a run found, rule by rule in the order of SPEC.md. JSON as it stands. */
export interface Report {
  readonly url: string
  readonly dialect: Dialect
  /** The same seed tries the same cases again. */
  readonly seed: number
  readonly runs: number
  readonly started: string
  readonly ms: number
  readonly outcomes: readonly Outcome[]
}

/** How many rules of `report` ended so. */
export const countOf = ({ outcomes }: Report, outcome: Outcome['outcome']): number =>
  outcomes.filter(one => one.outcome === outcome).length
