import {
  type Closable,
  journalRules,
  type RuleId,
  type RunOptions,
  roomLogRules,
  type StoreRule,
  type StoreSetup,
  scoreLogRules,
  sessionLogRules,
} from '@midsentence/conformance'
import { brokenLogs } from './logs.ts'
import { brokenScores, scoresWith } from './scores.ts'
import { brokenJournals, brokenSessions } from './series.ts'
import { journalWith, logWith, sessionsWith } from './store-harness.ts'

/** Returns the rules among `ids` that a store breaks. */
type BrokenBy = (ids: readonly RuleId[], options: RunOptions) => Promise<RuleId[]>

/** A bug in an otherwise right store, and the rule that catches it. */
export interface StoreMutant {
  readonly name: string
  readonly breaks: RuleId
  readonly brokenBy: BrokenBy
}

const brokenBy =
  <Store extends Closable>(rules: readonly StoreRule<Store>[], setup: StoreSetup<Store>): BrokenBy =>
  async (ids, options) => {
    const failed: RuleId[] = []
    for (const { id, run } of rules) {
      if (ids.includes(id)) await run(setup, { ...options, shrink: false }).catch(() => failed.push(id))
    }
    return failed
  }

export const brokenStores: readonly StoreMutant[] = [
  ...brokenLogs.map(({ bug, ...named }) => ({ ...named, brokenBy: brokenBy(roomLogRules, logWith(bug)) })),
  ...brokenJournals.map(({ bug, ...named }) => ({ ...named, brokenBy: brokenBy(journalRules, journalWith(bug)) })),
  ...brokenSessions.map(({ bug, ...named }) => ({ ...named, brokenBy: brokenBy(sessionLogRules, sessionsWith(bug)) })),
  ...brokenScores.map(({ bug, ...named }) => ({ ...named, brokenBy: brokenBy(scoreLogRules, scoresWith(bug)) })),
]

/** The same stores, without a bug. */
export const rightStores: readonly BrokenBy[] = [
  brokenBy(roomLogRules, logWith()),
  brokenBy(journalRules, journalWith()),
  brokenBy(sessionLogRules, sessionsWith()),
  brokenBy(scoreLogRules, scoresWith()),
]
