import { blackBox, type Finding, type Report, type RuleId } from '@midsentence/conformance/black-box'
import { pythonServerMissing, startPythonServer } from '@midsentence/testing/legacy/python-server'
import { expect, onTestFinished, test } from 'vitest'
import { lacksPrograms, runProgram } from './any-language/external-program.ts'
import { answered, type FaultHandler, faultyServer } from './black-box/faulty-server.ts'
import { midsentence, serving } from './midsentence.ts'

const curlMissing = lacksPrograms(['sh', 'curl', 'sed', 'tee'], 'counterexamples by curl')

const findingOf = ({ outcomes }: Report, id: RuleId): Finding => {
  const found = outcomes.find(one => one.id === id)
  if (found?.outcome !== 'fail') throw new Error(`${id} is not broken: ${JSON.stringify(found)}`)
  return found.finding
}

test('midsentence serve keeps every rule checked from outside, with default settings', {
  timeout: 900_000,
}, async () => {
  const { url } = await serving()
  const { code, stdout } = await midsentence('conformance', url).ended
  expect(stdout.split('\n').filter(line => line.startsWith('broken'))).toEqual([])
  expect(code).toBe(0)
  const [, kept, skipped, seconds] = /(\d+) kept, 0 broken, (\d+) skipped in ([\d.]+) s/.exec(stdout)!
  expect([Number(kept) >= 52, Number(skipped)]).toEqual([true, 19])
  process.stderr.write(`The black box took ${seconds} s for midsentence serve.\n`)
})

/** Runs shell lines and returns the JSON answers that they print. */
async function replayed(curl: string): Promise<readonly Record<string, unknown>[]> {
  const { code, stdout, stderr } = await runProgram('sh', ['-c', curl]).ended
  expect([code, stderr.split('\n').filter(line => line.startsWith('curl:') || line.startsWith('sh:'))]).toEqual([0, []])
  // Two answers at the same time may share a line.
  const lines = stdout.split(/\n|(?<=\})(?=\{"jsonrpc")/).filter(line => line.startsWith('{'))
  return lines.map(line => {
    const { result, error } = JSON.parse(line)
    return result ?? error
  })
}

test.skipIf(curlMissing)('the curl lines of a counterexample show the fault again', async () => {
  const cutSuffix: FaultHandler = async (_req, res, { answer }) =>
    answered(res, (await answer())?.replace(/("suffix":"(?:[^"\\]|\\.)*)[^"\\]"/, '$1"'))
  const { url } = await faultyServer(cutSuffix)
  const report = await blackBox({ url, seed: 7, runs: 20, rules: ['S1'] })
  const answers = await replayed(findingOf(report, 'S1').curl!)
  const [appended, previewed] = answers.slice(-2) as [{ suffix: string }, { draft: string }]
  expect(previewed.draft).not.toBe('')
  expect(previewed.draft.endsWith(appended.suffix) && appended.suffix !== '').toBe(false)
})

test.skipIf(curlMissing)('calls and streams that overlapped overlap again', async () => {
  // Every check with messages answers 0.
  const { url } = await faultyServer(async (_req, res, { text, answer }) => {
    const answer_ = await answer()
    return answered(res, text.includes('"check"') ? answer_?.replace('"status":1', '"status":0') : answer_)
  })
  const report = await blackBox({ url, seed: 7, rules: ['C2'] })
  const { curl } = findingOf(report, 'C2')
  expect(curl!.match(/ & sleep/g)!.length).toBeGreaterThanOrEqual(3)
  const answers = await replayed(curl!)
  const wrong = answers.filter(({ status, messages }) => status === 0 && (messages as unknown[] | undefined)?.length)
  expect(wrong).toMatchObject([{ messages: [{ content: 'for the last' }] }])
})

test.skipIf(curlMissing)('the curl lines of a stream counterexample run too', async () => {
  const { url } = await faultyServer()
  // The front answers every call correctly, but refuses all streams.
  const front = await faultyServer(async (req, res, { text }) => {
    const { host: _, 'content-length': __, ...headers } = req.headers
    const { status, ...answer } = await fetch(`${url}/rpc`, {
      method: 'POST',
      body: text,
      headers: headers as Record<string, string>,
    }).then(async response => ({ status: response.status, text: await response.text() }))
    return answered(res, status === 204 ? undefined : answer.text)
  })
  const report = await blackBox({ url: front.url, seed: 7, rules: ['V1'] })
  const { why, curl } = findingOf(report, 'V1')
  expect(why).toMatch(/^a stream was not opened/)
  expect(curl).toMatch(/^events "\$T1" "\$ROOM\/events" ''.*\n# 401, 0 events$/m)
  await replayed(curl!)
})

const python = pythonServerMissing()

test.skipIf(python && process.env.CI !== 'true')(
  'the Python chat server keeps the rules of the legacy dialect',
  async () => {
    const server = await startPythonServer()
    onTestFinished(() => server.stop())
    const { code, stdout } = await midsentence('conformance', server.url, '--dialect', 'legacy').ended
    expect(stdout.split('\n').filter(line => line.startsWith('broken'))).toEqual([])
    expect(code).toBe(0)
    const kept = [...stdout.matchAll(/^kept {5}(\w+)/gm)].map(([, id]) => id)
    expect(kept).toEqual(['P1', 'L1', 'L2', 'L4', 'A2', 'A5', 'W4', 'V1', 'V3'])
    expect(stdout).toContain('skipped  P3 H1 H2')
    // Every name is unregistered.
    const users = server.output().match(/New user registered: (\S+)/g)!.length
    expect(server.output().match(/User unregistered: (\S+)/g)!.length).toBe(users)
  },
)
