import type { RuleId } from '../rules.ts'
import type { HttpClient } from './http-client.ts'
import type { Finding } from './report.ts'
import type { ResponseTimes } from './response-times.ts'

/** What all trials of a run stand on. */
export interface RunContext {
  readonly url: string
  readonly http: HttpClient
  readonly responseTimes: ResponseTimes
  readonly seed: number
  readonly runs: number
  /** How long a call may take that waits for nobody, in milliseconds. */
  readonly answerMs: number
  readonly casesMs: number
  /** Of this run alone: for names. */
  readonly tag: string
  readonly signal: AbortSignal
  onWait(ms: number): void
}

export interface CheckResult {
  readonly cases: number
  readonly finding?: Finding
}

/** A rule, and how it is tried on a server that runs; or why it is not. */
export type RuleCheck =
  | { readonly id: RuleId; readonly checked?: string; run(ground: RunContext): Promise<CheckResult> }
  | { readonly id: RuleId; readonly reason: string }
