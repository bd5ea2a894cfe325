import { setImmediate as nextTurn } from 'node:timers/promises'
import * as arenaPackage from '@midsentence/arena'
import { palette } from '../palette.ts'
import { writeReport } from '../report-file.ts'
import { createRecordFile } from '../watch/record-file.ts'
import { wrapText } from '../wrap-text.ts'
import { columns } from './columns.ts'
import { formatMeans, formatRatios } from './format-table.ts'
import { formatTrace } from './format-trace.ts'
import { type ArenaFlags, type ArenaSettings, formatTrait, traitNames } from './options.ts'
import { reportOf } from './report.ts'
import { seedProgress } from './seed-progress.ts'
import { conclude, type PlayedRun, type PolicySummary, summarise } from './summary.ts'

const WIDTH = 80
const print = (text: string): void => void process.stdout.write(text)
const paragraph = (text: string): string => `${wrapText(text, WIDTH).join('\n')}\n`

/** Plays all runs and prints a table for each scenario. After `signal` aborts, prints what is done. */
export async function compare(settings: ArenaSettings, flags: ArenaFlags, signal: AbortSignal): Promise<void> {
  const runs: PlayedRun[] = []
  const summary: PolicySummary[] = []
  print(paragraph(opening(settings)))
  for (const scenario of settings.scenarios) {
    if (signal.aborted) break
    print(`\n${paragraph(`${scenario.name}: ${scenario.about}`)}\n`)
    const played = await playScenario(settings, scenario, signal)
    const done = played.length / settings.policies.length
    runs.push(...played)
    const summaries = summarise(arenaPackage, settings, played)
    summary.push(...summaries)
    if (summaries.length > 0) printScenario(settings, summaries, played)
    if (done < settings.seeds) print(`\nStopped after ${done} of ${settings.seeds} seeds.\n`)
  }
  if (summary.length > 0) print(`\n${legend(settings)}`)
  if (flags.json === undefined) return
  await writeReport(flags.json, reportOf(settings, runs, summary))
  print(`\nEvery run's measures are in ${flags.json}.\n`)
}

function opening({ policies, participants, seeds, first, lineup, writers, profile }: ArenaSettings): string {
  const ways = policies.length === 1 ? 'one way' : `${policies.length} ways`
  const changed = traitNames.flatMap(trait =>
    profile[trait] === arenaPackage.profiles[writers][trait] ? [] : [formatTrait(trait, profile)],
  )
  const unusual = [
    ...(lineup === 'even' ? [] : [`lineup ${lineup}`]),
    ...(writers === 'hosted' && changed.length === 0 ? [] : [[`writers ${writers}`, ...changed].join(', ')]),
  ]
  return (
    `The same task and the same ${participants} simulated authors under ${ways} to coordinate, ` +
    `${[seeds === 1 ? `seed ${first}` : `${seeds} seeds from ${first} on`, ...unusual].join('; ')}.`
  )
}

/** Plays every policy with a seed before the next seed. Returns the runs of the seeds that are complete. */
async function playScenario(
  { policies, seeds, first, ...setting }: ArenaSettings,
  scenario: ArenaSettings['scenarios'][number],
  signal: AbortSignal,
): Promise<PlayedRun[]> {
  const progress = seedProgress(process.stderr, scenario.name, seeds)
  const runs: PlayedRun[] = []
  for (let done = 0; done < seeds && !signal.aborted; done++) {
    const seed = first + done
    const ofSeed: PlayedRun[] = []
    for (const policy of policies) {
      progress.show(done, policy.name)
      // A run is all microtasks: signals are handled between two runs.
      await nextTurn()
      if (signal.aborted) break
      const measures = arenaPackage.measure(await arenaPackage.run({ ...setting, scenario, policy, seed }))
      ofSeed.push({ scenario: scenario.name, policy: policy.name, seed, measures })
    }
    if (ofSeed.length === policies.length) runs.push(...ofSeed)
  }
  progress.clear()
  return runs
}

function printScenario(settings: ArenaSettings, summaries: readonly PolicySummary[], runs: readonly PlayedRun[]): void {
  const colours = palette(process.stdout)
  const width = Math.max(process.stdout.columns || WIDTH, WIDTH)
  print(formatMeans(summaries, width, colours))
  if (settings.against) {
    print(`\nTimes as much as ${settings.against.name}, on the same seeds, with 95 % intervals:\n\n`)
    print(formatRatios(summaries, settings.against.name, colours))
  }
  if (summaries.length > 1) print(`\n${paragraph(conclude(arenaPackage, runs))}`)
}

function legend({ seeds }: ArenaSettings): string {
  const { dim } = palette(process.stdout)
  const rows = columns.map(({ title, unit, about }) =>
    dim(`${(unit === 'away' ? 'thrown away' : title).padEnd(13)}${about}`),
  )
  const means = seeds > 1 ? 'Means of a run; ± is half of the 95 % interval over the seeds. ' : ''
  return `${rows.join('\n')}\n\n${paragraph(`${means}midsentence arena --list says what each policy does, docs/arena.md how this is measured.`)}`
}

/** Plays one run, prints its trace, writes its record, and prints its measures. */
export async function playOne(settings: ArenaSettings, flags: ArenaFlags): Promise<void> {
  const { scenarios, policies, seeds, first, ...setting } = settings
  const [scenario, policy] = [scenarios[0]!, policies[0]!]
  const file = flags.record === undefined ? undefined : createRecordFile(flags.record)
  const result = await arenaPackage.run({ ...setting, scenario, policy, seed: first, recorded: file !== undefined })
  print(paragraph(`${scenario.name}: ${scenario.about}`))
  print(paragraph(`${policy.name}: ${policy.about}`))
  if (flags.trace) print(`\n${formatTrace(result, palette(process.stdout), WIDTH)}`)
  if (file) {
    for (const record of result.score) file.write(record)
    file.close()
    print(
      `\n${paragraph(`${file.lines} records are in ${flags.record}. To replay them, open a server's page, "Replay a recorded file".`)}`,
    )
  }
  const run = { scenario: scenario.name, policy: policy.name, seed: first, measures: arenaPackage.measure(result) }
  const summaries = summarise(arenaPackage, settings, [run])
  print('\n')
  printScenario(settings, summaries, [run])
  print(`\n${legend(settings)}`)
  if (flags.json !== undefined) await writeReport(flags.json, reportOf(settings, [run], summaries))
}
