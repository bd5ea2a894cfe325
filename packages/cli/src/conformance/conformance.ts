import type { BlackBoxOptions, Report, RuleId } from '@midsentence/conformance/black-box'
import { defineCommand } from '../define-command.ts'
import { untilInterrupted } from '../interrupt.ts'
import { palette } from '../palette.ts'
import { parseAddress } from '../parse-values.ts'
import { writeReport } from '../report-file.ts'
import { usageError } from '../usage-error.ts'
import { progressDisplay } from './progress.ts'

export const conformance = defineCommand({
  name: 'conformance',
  help: `midsentence conformance URL [--dialect native|legacy] [--seed N] [--runs N] [--rules P1,P2]
                        [--json FILE] [--junit FILE]

Tests the numbered rules of the protocol on a running server, written in any language. It uses
temporary rooms and leaves them. Prints for each rule whether it is kept, broken or skipped. For a
broken rule it prints the smallest counterexample it found, as curl commands to paste into a shell.

  URL              The address of the server, as http://127.0.0.1:8890.
  --dialect NAME   native: JSON-RPC at POST /rpc, and event streams. This is the default.
                   legacy: the API of the existing Python chat server, which has one room.
  --seed N         Repeat the cases of an earlier run. Default: random; the seed is printed.
  --runs N         Most cases per property. Default: 100.
  --rules LIST     Test only these rules, as P1,P2. Default: all that a client can observe.
  --json FILE      Also write the report as JSON, with full transcripts.
  --junit FILE     Also write the report as JUnit XML.

Exits with 0 when every tested rule is kept, 1 when a rule is broken, 2 when the server cannot be
tested. Progress goes to standard error.
`,
  operands: ['URL'],
  options: {
    dialect: { type: 'string' },
    seed: { type: 'string' },
    runs: { type: 'string' },
    rules: { type: 'string' },
    json: { type: 'string' },
    junit: { type: 'string' },
  },
  async run({ dialect = 'native', seed, runs, rules, json, junit }, url) {
    const address = parseAddress(url!, 'URL')
    if (dialect !== 'native' && dialect !== 'legacy')
      throw usageError(`--dialect is native or legacy, not ${JSON.stringify(dialect)}.`)
    const [kit, { inLine }, { isMidsentenceError }] = await Promise.all([
      import('@midsentence/conformance/black-box'),
      import('@midsentence/client'),
      import('@midsentence/core'),
    ])
    const known = kit.rules.map(({ id }) => id)
    const options: BlackBoxOptions = {
      url: address,
      dialect,
      ...(seed !== undefined && { seed: parseInteger(seed, '--seed', 0) }),
      ...(runs !== undefined && { runs: parseInteger(runs, '--runs', 1) }),
      ...(rules !== undefined && { rules: parseRuleIds(rules, known) }),
    }
    for (const file of [json, junit]) if (file !== undefined) await writeReport(file, '')
    const progress = progressDisplay(process.stderr)
    let report: Report | undefined
    try {
      const stopped = await untilInterrupted(async signal => {
        report = await kit.blackBox({ ...options, signal, progress: progress.show })
      })
      if (!report) return stopped
    } catch (error) {
      progress.clear()
      if (!isMidsentenceError(error)) throw error
      process.stderr.write(`midsentence: ${inLine(error.message)}\n`)
      return 2
    } finally {
      progress.clear()
    }
    if (json !== undefined) await writeReport(json, `${JSON.stringify(report, undefined, 2)}\n`)
    if (junit !== undefined) await writeReport(junit, kit.junitOf(report))
    // Loaded here, because `--help` must not load the client.
    const { formatReport } = await import('./format-report.ts')
    process.stdout.write(formatReport(report, kit.findingsOf(report), palette(process.stdout)))
    return kit.countOf(report, 'fail') > 0 ? 1 : 0
  },
})

function parseInteger(text: string, option: string, least: number): number {
  const number = Number(text)
  if (/^\d+$/.test(text) && number >= least && number <= 0x7fffffff) return number
  throw usageError(`${option} takes a whole number, ${least} or more, not ${JSON.stringify(text)}.`)
}

function parseRuleIds(text: string, known: readonly RuleId[]): readonly RuleId[] {
  const words = text.split(',').map(word => word.trim().toUpperCase())
  const ids = words.filter((word): word is RuleId => known.includes(word as RuleId))
  const strange = words.find(word => !known.includes(word as RuleId))
  if (strange === undefined) return ids
  throw usageError(`--rules takes rule ids, as P1,P2: there is no rule ${JSON.stringify(strange)}.`)
}
