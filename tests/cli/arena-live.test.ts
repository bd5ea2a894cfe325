import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { authorNames, counting, dealTask } from '@midsentence/arena'
import { type Exchange, fakeEndpoint } from '@midsentence/testing/agent/fake-endpoint'
import { answerByPlan } from '@midsentence/testing/agent/plan-model'
import { expect, onTestFinished, test } from 'vitest'
import { midsentence } from '../midsentence.ts'

function newPath(): string {
  const folder = mkdtempSync(join(tmpdir(), 'midsentence-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  return join(folder, 'runs.jsonl')
}

const recordsIn = (path: string) =>
  readFileSync(path, 'utf8')
    .trimEnd()
    .split('\n')
    .map(line => JSON.parse(line))

/** Counts as a perfect model. The task is the same for every seed. */
function count(exchange: Exchange) {
  const names = authorNames.slice(0, 2)
  exchange.open()
  exchange.bit(answerByPlan(exchange, names, dealTask(counting, names, 1)))
  exchange.finish()
}

const live = (...options: string[]) => ['arena', '--live', '--scenario', 'counting', '--participants', '2', ...options]

test('midsentence arena --live plays two models against each other, and goes on after an interrupt', async () => {
  const seen: string[] = []
  const answer = (exchange: Exchange) => {
    seen.push(`${exchange.model} ${exchange.headers.authorization}`)
    count(exchange)
  }
  const [one, other] = [await fakeEndpoint(answer), await fakeEndpoint(answer)]
  const path = newPath()
  const options = live(
    ...['--model', 'small,large', '--base-url', `${one.url},${other.url}`, '--api-key-env', ',A_KEY'],
    ...['--runs', '2', '--json', path],
  )
  const run = midsentence.in({ A_KEY: 'secret-key' })
  const first = run(...options)
  await first.says('hold, seed 1: solved')
  first.kill('SIGINT')
  const stopped = await first.ended
  expect(stopped.code).toBe(130)
  expect(stopped.stdout).toContain('1 of 2 runs are missing: go on by --resume.')
  const { code, stdout, stderr } = await run(...options, '--resume').ended
  expect([code, stderr]).toEqual([0, ''])
  expect(stdout).toContain('1 run is in ')
  expect(stdout).toContain('hold, seed 2: solved')
  expect(stdout).toMatch(/hold +2 of 2 \(34–100\)/)
  const [header, ...runs] = recordsIn(path)
  expect(header.settings.models).toEqual([
    { model: 'small', host: new URL(one.url).host },
    { model: 'large', host: new URL(other.url).host },
  ])
  expect(runs.map(({ seed, ending }) => [seed, ending])).toEqual([
    [1, 'at rest'],
    [2, 'at rest'],
  ])
  for (const { measures, result, expected } of runs) {
    expect(result).toEqual(expected)
    expect(measures).toMatchObject({ solved: 1, crossings: 0, messages: 8 })
  }
  expect(runs.map(({ authors }) => authors.map(({ model }: { model: string }) => model))).toEqual([
    ['small', 'large'],
    ['large', 'small'],
  ])
  expect(new Set(seen)).toEqual(new Set(['small undefined', 'large Bearer secret-key']))
  expect(stopped.stdout + stdout + readFileSync(path, 'utf8')).not.toContain('secret-key')
})

test('an endpoint that refuses ends the command with its sentence, without the key, and the run is played again', async () => {
  let isRefusing = true
  const endpoint = await fakeEndpoint(exchange => {
    if (!isRefusing) return count(exchange)
    return exchange.res.writeHead(401).end('{"error":{"message":"Wrong key: secret-key"}}')
  })
  const path = newPath()
  const options = live(
    ...['--model', 'small', '--base-url', endpoint.url, '--api-key-env', 'A_KEY', '--runs', '1', '--json', path],
  )
  const run = midsentence.in({ A_KEY: 'secret-key' })
  const refused = await run(...options).ended
  expect([refused.code, refused.stderr]).toEqual([
    1,
    'midsentence: The model small refuses the API key (401): Wrong key: ….\n',
  ])
  expect(refused.stdout).not.toContain('secret-key')
  expect(recordsIn(path)[1]).toMatchObject({ type: 'failed', seed: 1, sentence: expect.stringContaining('(401)') })
  isRefusing = false
  const { code, stdout } = await run(...options, '--resume').ended
  expect(code).toBe(0)
  expect(stdout).toContain('1 run failed at an endpoint')
  expect(recordsIn(path).map(({ type }) => type)).toEqual(['live settings', 'failed', 'run'])
  const other = await run(...options, '--resume', '--temperature', '0.5').ended
  expect([other.code, other.stderr.split('\n')[0]]).toEqual([
    2,
    `midsentence: The runs in ${path} were played with other settings (sampling: {}): resume with those, or name another file.`,
  ])
})
