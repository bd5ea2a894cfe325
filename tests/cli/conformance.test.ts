import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { freePort } from '@midsentence/testing/legacy/python-server'
import { expect, onTestFinished, test, vi } from 'vitest'
import { answered, faultyServer, openSessions } from '../black-box/faulty-server.ts'
import { mustBeXml } from '../black-box/xml.ts'
import { midsentence } from '../midsentence.ts'

const few = ['--seed', '7', '--runs', '5'] as const

async function folder(): Promise<string> {
  const made = await mkdtemp(join(tmpdir(), 'midsentence-'))
  onTestFinished(() => rm(made, { recursive: true }))
  return made
}

test('kept rules: a table, progress on standard error, exit code 0', async () => {
  const server = await faultyServer()
  const { code, stdout, stderr } = await midsentence('conformance', server.url, ...few, '--rules', 'd1, P2,A4,E1').ended
  expect(code).toBe(0)
  const lines = stdout.split('\n')
  expect(lines.slice(0, 6)).toEqual([
    'kept     D1  The draft is its surviving segments, joined (5 cases)',
    'kept     P2  An empty push sends nothing',
    'skipped  E1',
    '             No check of this rule from outside a server exists.',
    'skipped  A4',
    expect.stringContaining('cannot be advanced'),
  ])
  expect(stdout).toMatch(/\n2 kept, 0 broken, 2 skipped in [\d.]+ s\. To repeat these cases: --seed 7 --runs 5\n$/)
  const told = stderr.trimEnd().split('\n')
  expect(told.map(line => line.replace(/^\d of/, 'n of')).sort()).toEqual([
    'n of 4    pass D1 The draft is its surviving segments, joined',
    'n of 4    pass P2 An empty push sends nothing',
    'n of 4    skip A4 An unused session expires',
    'n of 4    skip E1 Replaying draft events gives the draft',
  ])
  expect(stdout + stderr).not.toContain('\x1b')
  expect(openSessions(server)).toEqual([])
})

test('a broken rule: the counterexample, curl commands, both reports, exit code 1', async () => {
  const server = await faultyServer(async (_req, res, { answer }) =>
    answered(res, (await answer())?.replace('"code":40001', '"code":40099')),
  )
  const dir = await folder()
  const [json, junit] = [join(dir, 'report.json'), join(dir, 'report.xml')]
  const ended = midsentence('conformance', server.url, ...few, '--rules', 'P2,P4', '--json', json, '--junit', junit)
  const { code, stdout } = await ended.ended
  expect(code).toBe(1)
  expect(stdout).toContain(
    'broken   P2  An empty push sends nothing\n             a push without a draft was not rejected with 40001',
  )
  expect(stdout).toContain('# to reproduce it, paste into a shell:\nURL=')
  for (const token of server.tokens) expect(stdout).not.toContain(token)
  const report = JSON.parse(await readFile(json, 'utf8'))
  expect(report).toMatchObject({ url: server.url, seed: 7, runs: 5, dialect: 'native' })
  expect(report.outcomes.map(({ id, outcome }: { id: string; outcome: string }) => [id, outcome])).toEqual([
    ['P2', 'fail'],
    ['P4', 'pass'],
  ])
  expect(report.outcomes[0].finding.transcript.steps.length).toBeGreaterThan(2)
  const xml = await readFile(junit, 'utf8')
  mustBeXml(xml)
  expect(xml).toMatch(/<testcase [^>]*name="\[P2\] An empty push sends nothing"/)
})

test('a server that cannot be tested: a sentence that says what to start, exit code 2', async () => {
  const url = `http://127.0.0.1:${await freePort()}`
  expect(await midsentence('conformance', url).ended).toEqual({
    code: 2,
    stdout: '',
    stderr: `midsentence: No server answers at ${url}. Start yours there, or start one with: midsentence serve\n`,
  })
  const seed = await midsentence('conformance', url, '--dialect', 'legacy').ended
  expect(seed).toMatchObject({ code: 2, stdout: '', stderr: expect.stringContaining('python3 server.py') })
  const server = await faultyServer()
  const nowhere = await midsentence('conformance', server.url, '--rules', 'P2', '--json', '/no/such/folder/x').ended
  expect(nowhere).toMatchObject({ code: 2, stderr: expect.stringContaining('/no/such/folder/x cannot be written') })
})

test.each([
  ['SIGINT', 130],
  ['SIGTERM', 143],
] as const)('%s ends the run, and all participants have left', async (signal, code) => {
  const server = await faultyServer()
  const running = midsentence('conformance', server.url)
  await vi.waitUntil(() => server.tokens.length > 20, { timeout: 30_000, interval: 5 })
  running.kill(signal)
  const ended = await running.ended
  expect([ended.code, ended.stdout]).toEqual([code, ''])
  expect(ended.stderr).not.toMatch(/^ +at /m)
  expect(openSessions(server)).toEqual([])
})
