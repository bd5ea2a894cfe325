import { writeFile } from 'node:fs/promises'
import type { BlackBoxOptions, Report, RuleId } from '@midsentence/conformance/black-box'
import { isMidsentenceError } from '@midsentence/core'
import { defineCommand } from '../define-command.ts'
import { untilInterrupted } from '../interrupt.ts'
import { palette } from '../palette.ts'
import { parseAddress } from '../parse-values.ts'
import { usageError } from '../usage-error.ts'
import { formatReport } from './format-report.ts'
import { progressDisplay } from './progress.ts'

export const conformance = defineCommand({
  name: 'conformance',
  help: `midsentence conformance URL [--dialect native|seed] [--seed N] [--runs N] [--rules P1,P2]
                        [--json FILE] [--junit FILE]

Tries the numbered rules on a server that runs, in whatever language it is written, in rooms of its
own, and leaves them. Shows for each rule whether it is kept, broken with the smallest
counterexample that was found, or skipped and why. A counterexample is shown as lines of curl that
can be pasted into a shell.

  URL              The address of the server, as http://127.0.0.1:8890.
  --dialect NAME   native: JSON-RPC at POST /rpc, and event streams. Default.
                   seed: what the existing Python chat server speaks, in its one room.
  --seed N         Try the cases of an earlier run again. Default: new ones; the seed is shown.
  --runs N         So many cases of each property, at most. Default: 100.
  --rules LIST     Only these, as P1,P2. Default: all that are seen from outside.
  --json FILE      Write the report as JSON too, with whole transcripts.
  --junit FILE     Write it as JUnit's XML too.

Ends with 0 if every rule that was tried is kept, 1 if one is broken, 2 if nothing could be tried.
How it goes is told on standard error.
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
    if (dialect !== 'native' && dialect !== 'seed')
      throw usageError(`--dialect is native or seed, not ${JSON.stringify(dialect)}.`)
    // Nobody else needs what it brings along.
    const kit = await import('@midsentence/conformance/black-box')
    const known = kit.rules.map(({ id }) => id)
    const options: BlackBoxOptions = {
      url: address,
      dialect,
      ...(seed !== undefined && { seed: parseInteger(seed, '--seed', 0) }),
      ...(runs !== undefined && { runs: parseInteger(runs, '--runs', 1) }),
      ...(rules !== undefined && { rules: parseRuleIds(rules, known) }),
    }
    // Before anything is tried: what was found should not be lost for a folder that is not there.
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
      process.stderr.write(`midsentence: ${error.message}\n`)
      return 2
    } finally {
      progress.clear()
    }
    if (json !== undefined) await writeReport(json, `${JSON.stringify(report, undefined, 2)}\n`)
    if (junit !== undefined) await writeReport(junit, kit.junitOf(report))
    process.stdout.write(formatReport(report, palette(process.stdout)))
    return kit.countOf(report, 'fail') > 0 ? 1 : 0
  },
})

function parseInteger(text: string, option: string, least: number): number {
  const number = Number(text)
  if (/^\d+$/.test(text) && number >= least && number <= 0x7fffffff) return number
  throw usageError(`${option} takes a whole number from ${least} on, not ${JSON.stringify(text)}.`)
}

function parseRuleIds(text: string, known: readonly RuleId[]): readonly RuleId[] {
  const words = text.split(',').map(word => word.trim().toUpperCase())
  const ids = words.filter((word): word is RuleId => known.includes(word as RuleId))
  const strange = words.find(word => !known.includes(word as RuleId))
  if (strange === undefined) return ids
  throw usageError(`--rules takes ids of rules, as P1,P2: there is no rule ${JSON.stringify(strange)}.`)
}

async function writeReport(file: string, text: string): Promise<void> {
  try {
    await writeFile(file, text)
  } catch (error) {
    throw usageError(`${file} cannot be written: ${(error as Error).message}.`)
  }
}
