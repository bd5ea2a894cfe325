import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { allScenarios, profiles } from '@midsentence/arena'
import { expect, onTestFinished, test, vi } from 'vitest'
import { main } from '../main.ts'

/** Runs the command in this process. Returns the exit code and both outputs. */
async function arena(...args: readonly string[]) {
  const out = vi.spyOn(process.stdout, 'write').mockReturnValue(true)
  const error = vi.spyOn(console, 'error').mockReturnValue()
  try {
    const code = await main(['arena', ...args])
    const said = (calls: readonly (readonly unknown[])[]) => calls.map(([text]) => `${text}\n`).join('')
    return { code, stdout: said(out.mock.calls), stderr: said(error.mock.calls) }
  } finally {
    out.mockRestore()
    error.mockRestore()
  }
}

/** Runs the command, and returns the file of `--json`. */
async function played(...args: readonly string[]) {
  const folder = mkdtempSync(join(tmpdir(), 'midsentence-arena-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  const file = join(folder, 'arena.json')
  expect(await arena(...args, '--json', file)).toMatchObject({ code: 0, stderr: '' })
  return JSON.parse(readFileSync(file, 'utf8')) as { readonly settings: unknown; readonly runs: readonly unknown[] }
}

test('each option changes what is played', async () => {
  const base = ['--scenario', 'meeting', '--policy', 'hold', '--seeds', '2']
  const plain = (await played(...base)).runs
  for (const more of [
    ['--participants', '2'],
    ['--lineup', 'chatty'],
    ['--first', '2'],
    ['--notices', '0'],
    ['--repairs', '0'],
    ['--first-token-ms', '5000'],
    ['--input-tokens-per-s', '10'],
    ['--output-tokens-per-s', '5-10'],
  ])
    expect([more, (await played(...base, ...more)).runs]).not.toEqual([more, plain])
  expect((await played(...base, '--writers', 'hosted')).runs).toEqual(plain)
  const report = await played(...base, '--writers', 'people', '--keeps', '0')
  expect(report.settings).toMatchObject({ writers: 'people', profile: { ...profiles.people, keeps: [0, 0] } })
  expect(report.runs).not.toEqual(plain)
})

test.each([
  [
    ['--scenario', 'chess'],
    `--scenario takes ${[...allScenarios]
      .map(({ name }) => name)
      .join(', ')
      .replace(/, ([^,]+)$/, ' or $1')}, or all, not "chess".`,
  ],
  [['--policy', 'hold,chaos'], '--policy takes hold, hold-without-floor, '],
  [['--policy', ''], 'or all, not "".'],
  [['--against', 'all'], 'or turns, not "all".'],
  [['--lineup', 'sleepy'], '--lineup takes even, slow, chatty, absent, failing or hostile, not "sleepy".'],
  [['--writers', 'poets'], '--writers takes hosted, local or people, not "poets".'],
  [['--seeds', '0'], '--seeds takes a whole number from 1 to 1000000, not "0".'],
  [['--first', '1.5'], '--first takes a whole number from 0 to 2147483647, not "1.5".'],
  [['--seed', 'x'], '--seed takes a whole number from 0 to 2147483647, not "x".'],
  [['--participants', '25'], '--participants takes a whole number from 2 to 24, not "25".'],
  [['--repairs', '1.5'], '--repairs takes a number from 0 to 1, or a range of them such as 0.5-0.9, not "1.5".'],
  [['--keeps', '0.9-0.5'], '--keeps takes a number from 0 to 1, or a range of them such as 0.5-0.9, not "0.9-0.5".'],
  [
    ['--output-tokens-per-s', '0'],
    '--output-tokens-per-s takes a number from 0.1 to 100000, or a range of them such as 50-200',
  ],
  [['--seed', '3', '--seeds', '4'], '--seed names one seed: leave out --seeds and --first.'],
  [['--trace', '--seeds', '4'], '--trace and --record are for one run: name it by --seed N.'],
  [['--trace', '--policy', 'all'], '--trace is for one run: name one scenario and one policy, and no --against.'],
  [['--record', 'x', '--scenario', 'all'], '--record is for one run: name one scenario and one policy'],
  [['--json', '/no/such/folder/arena.json'], '/no/such/folder/arena.json cannot be written: '],
  [['--speed', '2'], 'arena has no option --speed: it takes --scenario, --policy, '],
] as const)('%j prints a sentence that names what is allowed, and exits with 2', async (args, sentence) => {
  const { code, stdout, stderr } = await arena(...args)
  expect([code, stdout]).toEqual([2, ''])
  expect(stderr).toContain(sentence)
  expect(stderr).toMatch(/^midsentence: .*\nRead more with: midsentence arena --help\n$/)
  expect(existsSync('x')).toBe(false)
})
