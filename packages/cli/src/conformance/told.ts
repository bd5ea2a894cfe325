import type { Report, RuleOutcome } from '@midsentence/conformance/black-box'
import type { Palette } from '../demo/palette.ts'

/** So many lines of a counterexample are shown; all of them are in the report. */
const LINES = 60
/** So many counterexamples are shown: one fault often breaks many rules. */
const SHOWN = 5

/** A report as a person reads it: a table, then what was found. */
export function told(report: Report, colours: Palette): string {
  const tried = report.outcomes.filter(outcome => outcome.outcome !== 'skipped')
  const rows = [...tried.map(outcome => row(outcome, colours)), ...skipped(report, colours)]
  const counts = (['pass', 'fail', 'skipped'] as const).map(
    name => `${report.outcomes.filter(({ outcome }) => outcome === name).length} ${words[name]}`,
  )
  const failed = report.outcomes.filter(outcome => outcome.outcome === 'fail')
  const shown = distinct(failed)
  const found = shown.slice(0, SHOWN).map(outcome => `\n${finding(outcome, colours)}`)
  const rest = failed.length - Math.min(shown.length, SHOWN)
  if (rest > 0) found.push(`\n${rest} more are in the report: --json FILE writes it.\n`)
  const again = `--seed ${report.seed} --runs ${report.runs}`
  const end = `${counts.join(', ')} in ${(report.ms / 1000).toFixed(1)} s. The same cases again: ${again}`
  return `${rows.join('\n')}\n${found.join('')}\n${end}\n`
}

const words = { pass: 'kept', fail: 'broken', skipped: 'skipped' } as const

type Tried = Exclude<RuleOutcome, { readonly outcome: 'skipped' }>

function row(outcome: Tried, { good, bad, dim }: Palette): string {
  const head = `${outcome.id.padEnd(3)} ${outcome.title}`
  if (outcome.outcome === 'fail') return `${bad('broken ')}  ${head}\n${below}${first(outcome.finding.why)}`
  const { cases, checked } = outcome
  const note = checked ?? (cases > 1 ? `${cases} cases` : '')
  return `${good('kept   ')}  ${head}${note && dim(checked ? `\n${below}${note}` : ` (${note})`)}`
}

const below = ' '.repeat(13)

/** What was not tried, by its reasons. */
function skipped({ outcomes }: Report, { dim }: Palette): readonly string[] {
  const ids = new Map<string, string[]>()
  for (const one of outcomes) {
    if (one.outcome === 'skipped') ids.set(one.reason, [...(ids.get(one.reason) ?? []), one.id])
  }
  return [...ids].map(([reason, of]) => dim(`skipped  ${of.join(' ')}\n${below}${reason}`))
}

const first = (why: string): string => why.split('\n')[0]!

type Failed = Extract<RuleOutcome, { readonly outcome: 'fail' }>

/** Of those with one reason the first. */
const distinct = (failed: readonly Failed[]): readonly Failed[] =>
  failed.filter(({ finding }, at) => failed.findIndex(other => other.finding.why === finding.why) === at)

function finding({ id, title, finding: { why, curl } }: Failed, { bold, dim }: Palette): string {
  const head = `${bold(`[${id}] ${title}`)}\n${why}\n`
  if (curl === undefined) return head
  const lines = curl.split('\n')
  if (lines.length > LINES)
    return `${head}${dim(`The ${lines.length} lines that show it are in the report: --json FILE writes it.`)}\n`
  return `${head}${dim('# to see it yourself, paste into a shell:')}\n${curl}\n`
}
