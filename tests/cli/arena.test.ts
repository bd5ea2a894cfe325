import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  allScenarios,
  counting,
  lineups,
  type Measures,
  measure,
  policies,
  pooledNumbers,
  profiles,
  run,
} from '@midsentence/arena'
import { type ScoreRecord, segmentsOf } from '@midsentence/core'
import { emptyScore, evolveScore } from '@midsentence/core/hub'
import { spawnPty } from '@midsentence/testing/terminal/pty-process'
import { expect, onTestFinished, test } from 'vitest'
import { bin } from '../built-command.ts'
import { midsentence } from '../midsentence.ts'
import { lacksTerminal } from './terminal.ts'

interface ArenaReport {
  readonly version: string
  readonly settings: Readonly<Record<string, unknown>>
  readonly complete: boolean
  readonly summary: readonly {
    readonly scenario: string
    readonly policy: string
    readonly seeds: number
    readonly means: Record<keyof Measures, { value: number; low: number; high: number }>
    readonly ratios?: Record<keyof Measures, { value: number | null; low: number; high: number }>
  }[]
  readonly runs: readonly {
    readonly scenario: string
    readonly policy: string
    readonly seed: number
    readonly measures: Measures
  }[]
}

const noTerminal = lacksTerminal()

const arena = (...args: string[]) => midsentence('arena', ...args)

function freshFile(name: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'midsentence-arena-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  return join(folder, name)
}

/** Runs the command, and returns what it printed and the file of `--json`. */
async function played(...args: string[]) {
  const file = freshFile('arena.json')
  const { code, stdout, stderr } = await arena(...args, '--json', file).ended
  expect([code, stderr]).toEqual([0, ''])
  expectNarrow(stdout.replaceAll(file, 'FILE'))
  return { stdout, report: JSON.parse(readFileSync(file, 'utf8')) as ArenaReport }
}

/** Expects lines of at most 80 columns without escape sequences. */
function expectNarrow(text: string): void {
  expect(text.split('\n').filter(line => line.length > 80)).toEqual([])
  expect(text).not.toContain('\x1b')
}

/** Returns the names at the beginnings of the lines of the first table. */
const rowsOf = (stdout: string): string[] =>
  stdout
    .split(/^ +solved.*\n.*\n/m)[1]!
    .split('\n\n')[0]!
    .split('\n')
    .map(line => line.split(' ')[0]!)

const hosted = profiles.hosted
const setting = { participants: 4, lineup: 'even', profile: hosted } as const
const policyOf = (name: string) => policies.find(policy => policy.name === name)!

test('without a scenario and a policy it compares all policies in one table, and says what it shows', async () => {
  const { code, stdout, stderr } = await arena('--seeds', '2').ended
  expect([code, stderr]).toEqual([0, ''])
  expectNarrow(stdout)
  const flat = stdout.replaceAll('\n', ' ')
  expect(flat).toMatch(
    /^The same task and the same 4 simulated authors under \d+ ways to coordinate, 2 seeds from 1 on\. /,
  )
  expect(stdout).toContain(`\n${pooledNumbers.name}: `)
  expect(rowsOf(stdout)).toEqual(policies.map(({ name }) => name))
  expect(flat).toMatch(/ No stale message: .* Of these, solved most often: .*; the quickest: .*; the cheapest: /)
  expect(stdout).toContain('docs/arena.md')
  expect(await arena('--seeds', '2').ended).toMatchObject({ stdout })
})

test('--json holds the settings, every run and the summary, and each run can be played again', async () => {
  const { report } = await played(
    ...['--scenario', 'counting,pooled-numbers', '--policy', 'hold,turns', '--seeds', '3', '--first', '7'],
    ...['--participants', '3', '--lineup', 'slow', '--repairs', '0.5', '--output-tokens-per-s', '20-40'],
  )
  const profile = { ...hosted, repairs: [0.5, 0.5], output_tokens_per_s: [20, 40] } as const
  expect(report).toMatchObject({
    version: expect.stringMatching(/^\d+\.\d+\.\d+$/),
    complete: true,
    settings: {
      policies: ['hold', 'turns'],
      first: 7,
      seeds: 3,
      participants: 3,
      lineup: 'slow',
      writers: 'hosted',
      profile,
    },
  })
  expect([...(report.settings.scenarios as string[])].sort()).toEqual(['counting', 'pooled-numbers'])
  expect(report.runs).toHaveLength(2 * 2 * 3)
  expect([...new Set(report.runs.map(({ seed }) => seed))]).toEqual([7, 8, 9])
  expect(report.summary.map(({ seeds }) => seeds)).toEqual([3, 3, 3, 3])
  for (const { scenario, policy, means } of report.summary) {
    const times = report.runs.filter(each => each.scenario === scenario && each.policy === policy)
    expect(means.time.value).toBeCloseTo(times.reduce((sum, each) => sum + each.measures.time, 0) / 3)
    expect(means.time.low).toBeLessThan(means.time.high)
  }

  const wanted = report.runs.find(each => each.scenario === 'counting' && each.policy === 'hold' && each.seed === 8)!
  // Over the package …
  const options = {
    scenario: counting,
    policy: policyOf('hold'),
    seed: 8,
    participants: 3,
    lineup: 'slow',
    profile,
  } as const
  expect(measure(await run(options))).toEqual(wanted.measures)
  // … and over the command.
  const again = await played(
    ...['--scenario', 'counting', '--policy', 'hold', '--seed', '8', '--participants', '3', '--lineup', 'slow'],
    ...['--repairs', '0.5', '--output-tokens-per-s', '20-40'],
  )
  expect(again.report.runs).toEqual([wanted])
  expect(again.stdout).toContain('lineup slow; writers hosted,')
})

test('--scenario all prints a table for each scenario', async () => {
  const { stdout, report } = await played('--scenario', 'all', '--policy', 'turns', '--seeds', '1')
  expect(report.settings.scenarios).toEqual(allScenarios.map(({ name }) => name))
  expect(stdout.match(/^turns .*\d/gm)).toHaveLength(allScenarios.length)
  expect(stdout).not.toContain('No stale message')
})

test('--against prints how many times as much each policy has, with intervals', async () => {
  const { stdout, report } = await played('--policy', 'hold,blind-send', '--against', 'turns', '--seeds', '4')
  // The policy itself is played too, and is not compared with itself.
  expect(report.settings).toMatchObject({ policies: ['hold', 'blind-send', 'turns'], against: 'turns' })
  const table = stdout
    .split('Times as much as turns, on the same seeds, with 95 % intervals:\n\n')[1]!
    .split('\n\n')[0]!
  const [hold] = report.summary
  const { value, low, high } = hold!.ratios!.time
  expect(table).toMatch(new RegExp(`^hold +none +none +∞ +${value!.toFixed(2)} `, 'm'))
  expect(table).toContain(`${low.toFixed(2)}–${high.toFixed(2)}`)
  expect(table).not.toMatch(/^turns/m)
  expect(hold!.ratios!.discarded.value).toBeNull()
})

test('--list names all that the options take', async () => {
  const { code, stdout } = await arena('--list').ended
  expect(code).toBe(0)
  expectNarrow(stdout)
  const names = [...allScenarios, ...policies].map(({ name }) => name)
  for (const name of [...names, ...Object.keys(lineups), ...Object.keys(profiles)])
    expect(stdout).toMatch(new RegExp(`^  ${name}  +[A-Z]`, 'm'))
  expect(stdout).toContain('notices 0.9-1')
})

test('--trace prints what each author did, in the order of time', async () => {
  const { stdout, report } = await played('--trace', '--scenario', 'counting', '--seed', '3')
  const { log } = await run({ ...setting, scenario: counting, policy: policyOf('hold'), seed: 3 })
  const flat = stdout.replace(/\n {14}/g, ' ')
  for (const { sender_id, seq, content } of log)
    expect(flat).toMatch(
      new RegExp(`^ *[\\d.]+ +${sender_id} +has sent message ${seq}: ${content.replaceAll('.', '\\.')}$`, 'm'),
    )
  const times = [...stdout.matchAll(/^ {0,6}(\d+\.\d\d) {2}/gm)].map(([, time]) => Number(time))
  expect(times.length).toBeGreaterThan(100)
  expect(times).toEqual(times.toSorted((a, b) => a - b))
  expect(flat).toContain('is held: ')
  expect(report.runs).toHaveLength(1)
})

test('--record writes a score without a gap that ends in the messages of the same run', async () => {
  const file = freshFile('run.ndjson')
  const { stdout, report } = await played('--record', file, '--scenario', 'counting', '--policy', 'hold', '--seed', '5')
  const records: ScoreRecord[] = readFileSync(file, 'utf8')
    .trimEnd()
    .split('\n')
    .map(line => JSON.parse(line))
  expect(stdout.replaceAll('\n', ' ')).toContain(`${records.length} records are in `)
  expect(records.map(({ position }) => position)).toEqual(records.map((_, nth) => nth + 1))
  expect(records.filter(({ type }) => type === 'gap')).toEqual([])

  const result = await run({ ...setting, scenario: counting, policy: policyOf('hold'), seed: 5 })
  const messages = records.flatMap(record => (record.type === 'message' ? [record.message] : []))
  expect(messages).toMatchObject(result.log.map(({ seq, sender_id, content }) => ({ seq, sender_id, content })))
  expect(report.runs[0]!.measures).toEqual(measure(result))
  // What each author pushed was its draft, by the records alone.
  let state = emptyScore
  const pushed: string[] = []
  for (const record of records) {
    if (record.type === 'pushed') {
      const { draft } = state.lanes.get(record.sender_id)!
      pushed.push(
        segmentsOf(draft)
          .map(({ text }) => text)
          .join(''),
      )
    }
    state = evolveScore(state, record)
  }
  expect(pushed.toSorted()).toEqual(result.log.map(({ content }) => content).toSorted())
  expect(records.some(({ type }) => type === 'held')).toBe(true)

  const other = await arena('--record', file, '--seed', '6').ended
  expect(other).toMatchObject({ code: 2, stderr: expect.stringContaining('already exists: choose another file') })
})

test('a wrong value prints a sentence that names what is allowed, and exits with 2', async () => {
  const { code, stdout, stderr } = await arena('--lineup', 'sleepy').ended
  expect([code, stdout]).toEqual([2, ''])
  expect(stderr).toBe(
    'midsentence: --lineup takes even, slow, chatty, absent, failing or hostile, not "sleepy".\n' +
      'Read more with: midsentence arena --help\n',
  )
})

test.skipIf(noTerminal)('Ctrl-C in a terminal prints the seeds that are done, and writes them', async () => {
  const file = freshFile('arena.json')
  writeFileSync(file, 'an older report')
  const args = ['arena', '--policy', 'hold,turns', '--seeds', '100000', '--json', file]
  const terminal = spawnPty([process.execPath, bin, ...args])
  await terminal.shows(/pooled-numbers: seed 3 of 100000, (hold|turns), \d+ s left/)
  terminal.type('\x03')
  expect(await terminal.ended).toBe(130)
  const [, done] = await terminal.shows(/Stopped after (\d+) of 100000 seeds\./)
  const { complete, runs } = JSON.parse(readFileSync(file, 'utf8')) as ArenaReport
  expect(Number(done)).toBeGreaterThanOrEqual(2)
  expect([complete, runs.length]).toEqual([false, Number(done) * 2])
  // The progress is gone, and the table has styles.
  expect(terminal.screen.text).not.toContain('s left')
  expect(terminal.output).toContain('\x1b[1m')
})

test('SIGINT without a terminal ends with 130, and prints no progress', async () => {
  const playing = arena('--policy', 'turns', '--seeds', '1000000')
  await playing.says('pooled-numbers: ')
  playing.kill('SIGINT')
  const { code, stdout, stderr } = await playing.ended
  expect([code, stderr]).toEqual([130, ''])
  expect(stdout).toMatch(/\nStopped after \d+ of 1000000 seeds\.\n/)
  expectNarrow(stdout)
})
