import type { RuleId } from '../kit/rules.ts'
import type { Http } from './http.ts'
import type { Pace } from './pace.ts'
import type { Finding } from './report.ts'

/** What all trials of a run stand on. */
export interface Ground {
  readonly url: string
  readonly http: Http
  readonly pace: Pace
  readonly seed: number
  readonly runs: number
  /** How long a call may take that waits for nobody, in milliseconds. */
  readonly answerMs: number
  readonly forMs: number
  /** Of this run alone: for names. */
  readonly tag: string
  readonly signal: AbortSignal
  waits(ms: number): void
}

export interface Tried {
  readonly cases: number
  readonly finding?: Finding
}

/** A rule, and how it is tried on a server that runs; or why it is not. */
export type Trial =
  | { readonly id: RuleId; readonly checked?: string; run(ground: Ground): Promise<Tried> }
  | { readonly id: RuleId; readonly reason: string }
