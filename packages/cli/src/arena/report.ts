import { defaultPrices } from '@midsentence/arena'
import { version } from '../version.ts'
import type { ArenaSettings } from './options.ts'
import type { PlayedRun, PolicySummary } from './summary.ts'

/** Returns the text of the file of `--json`: the settings, every run, and the summary. A ratio that is infinite is null. */
export function reportOf(
  { scenarios, policies, against, first, seeds, participants, lineup, writers, profile }: ArenaSettings,
  runs: readonly PlayedRun[],
  summary: readonly PolicySummary[],
): string {
  const report = {
    version,
    settings: {
      scenarios: scenarios.map(({ name }) => name),
      policies: policies.map(({ name }) => name),
      ...(against && { against: against.name }),
      first,
      seeds,
      participants,
      lineup,
      writers,
      profile,
      prices: defaultPrices,
    },
    complete: runs.length === scenarios.length * policies.length * seeds,
    summary,
    runs,
  }
  return `${JSON.stringify(report, undefined, 2)}\n`
}
