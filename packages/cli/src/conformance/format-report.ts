import { inLine, printable } from '@midsentence/client'
import type { FailedOutcome, Report, RuleOutcome } from '@midsentence/conformance/black-box'
import type { Palette } from '../palette.ts'

/** Longest curl reproduction that is printed, in lines. The JSON report holds longer ones. */
const MAX_CURL_LINES = 60
/** Most counterexamples that are printed, because one fault often breaks many rules. */
const MAX_FINDINGS = 5

/** Formats a report: a table of the rules, then the counterexamples in the order of `failed`, the likeliest cause first. */
export function formatReport(report: Report, failed: readonly FailedOutcome[], colours: Palette): string {
  const tried = report.outcomes.filter(outcome => outcome.outcome !== 'skipped')
  const rows = [...tried.map(outcome => formatRow(outcome, colours)), ...skipped(report, colours)]
  const counts = (['pass', 'fail', 'skipped'] as const).map(
    name => `${report.outcomes.filter(({ outcome }) => outcome === name).length} ${outcomeWords[name]}`,
  )
  const shown = uniqueFindings(failed)
  const findings = shown.slice(0, MAX_FINDINGS).map(outcome => `\n${finding(outcome, colours)}`)
  if (shown.length > 1)
    findings.unshift('\nFix the first of these before the others: it is the likeliest cause of them.\n')
  const rest = failed.length - Math.min(shown.length, MAX_FINDINGS)
  if (rest > 0) findings.push(`\n${rest} more are in the JSON report: --json FILE.\n`)
  const again = `--seed ${report.seed} --runs ${report.runs}`
  const end = `${counts.join(', ')} in ${(report.ms / 1000).toFixed(1)} s. To repeat these cases: ${again}`
  return `${rows.join('\n')}\n${findings.join('')}\n${end}\n`
}

const outcomeWords = { pass: 'kept', fail: 'broken', skipped: 'skipped' } as const

type TestedOutcome = Exclude<RuleOutcome, { readonly outcome: 'skipped' }>

function formatRow(outcome: TestedOutcome, { good, bad, dim }: Palette): string {
  const head = `${outcome.id.padEnd(3)} ${outcome.title}`
  if (outcome.outcome === 'fail') return `${bad('broken ')}  ${head}\n${indent}${firstLine(outcome.finding.why)}`
  const { cases, checked } = outcome
  const note = (checked && inLine(checked)) ?? (cases > 1 ? `${cases} cases` : '')
  return `${good('kept   ')}  ${head}${note && dim(checked ? `\n${indent}${note}` : ` (${note})`)}`
}

const indent = ' '.repeat(13)

/** Groups skipped rules by reason. */
function skipped({ outcomes }: Report, { dim }: Palette): readonly string[] {
  const ids = new Map<string, string[]>()
  for (const one of outcomes) {
    if (one.outcome === 'skipped') ids.set(one.reason, [...(ids.get(one.reason) ?? []), one.id])
  }
  return [...ids].map(([reason, of]) => dim(`skipped  ${of.join(' ')}\n${indent}${inLine(reason)}`))
}

const firstLine = (why: string): string => inLine(why.split('\n')[0]!)

/** Keeps the first of the findings that share a reason. */
const uniqueFindings = (failed: readonly FailedOutcome[]): readonly FailedOutcome[] =>
  failed.filter(
    ({ finding: formatFinding }, at) => failed.findIndex(other => other.finding.why === formatFinding.why) === at,
  )

function finding({ id, title, finding: { why, curl } }: FailedOutcome, { bold, dim }: Palette): string {
  // A sentence of the server may have line breaks: its lines must not look like the report's.
  const head = `${bold(`[${id}] ${title}`)}\n${printable(why).replaceAll('\n', '\n    ')}\n`
  if (curl === undefined) return head
  const lines = curl.split('\n')
  if (lines.length > MAX_CURL_LINES)
    return `${head}${dim(`The reproduction has ${lines.length} lines: --json FILE writes it.`)}\n`
  return `${head}${dim('# to reproduce it, paste into a shell:')}\n${printable(curl)}\n`
}
