import type { RuleId } from '../kit/rules.ts'
import type { HttpClient } from './http-client.ts'
import type { FormProblems } from './report/form-problems.ts'
import type { Finding } from './report/report.ts'
import type { ResponseTimes } from './response-times.ts'

/** What all checks of a run share. */
export interface RunContext {
  readonly url: string
  readonly http: HttpClient
  readonly responseTimes: ResponseTimes
  readonly formProblems: FormProblems
  readonly seed: number
  readonly runs: number
  /** How long a call that does not wait may take, in milliseconds. */
  readonly answerMs: number
  /** After this many milliseconds a property begins no new case. */
  readonly casesMs: number
  /** Part of all names, unique to this run. */
  readonly tag: string
  readonly signal: AbortSignal
  onWait(ms: number): void
}

export interface CheckResult {
  readonly cases: number
  readonly finding?: Finding
}

/** How one rule is checked on a running server, or the reason why it is skipped. */
export type RuleCheck =
  | { readonly id: RuleId; readonly checked?: string; run(context: RunContext): Promise<CheckResult> }
  | { readonly id: RuleId; readonly reason: string }
