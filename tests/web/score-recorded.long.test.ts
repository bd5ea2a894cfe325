import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { midsentence, serving } from '../midsentence.ts'
import { launch, skipped } from './person.ts'
import { personWithoutServer } from './score-page.ts'

test.skipIf(skipped)('a file that the command recorded of the demo replays', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'midsentence-recorded-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  const file = join(folder, 'demo.ndjson')
  const { url } = await serving('--demo')
  const recording = midsentence('record', url, '--room', 'demo', '--to', file)
  // The demo ends when both have left.
  await expect.poll(() => readFileSync(file, 'utf8').match(/"left"/g)?.length).toBe(2)
  recording.kill('SIGINT')
  await recording.ended

  const browser = await launch()
  onTestFinished(() => browser.close())
  const reader = await personWithoutServer(browser)
  await reader.page.getByLabel(/Replay a recorded file/).setInputFiles(file)
  for (const sentence of [
    'GPT sent #1',
    'Claude took back',
    'A push of Claude was held: it had not read #2 yet.',
    'Claude sent #3',
  ])
    await reader.page.getByRole('article').filter({ hasText: sentence }).first().waitFor()
  const count = readFileSync(file, 'utf8').trimEnd().split('\n').length
  await reader.sees(`${count} of ${count}`)
  expect(reader.errors).toEqual([])
})

test.skipIf(skipped)('a run that the arena recorded replays', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'midsentence-recorded-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  const file = join(folder, 'run.ndjson')
  const { code } = await midsentence('arena', '--scenario', 'counting', '--seed', '5', '--record', file).ended
  expect(code).toBe(0)
  const lines = readFileSync(file, 'utf8').trimEnd().split('\n')
  const last = lines.map(line => JSON.parse(line)).findLast(({ type }) => type === 'message')

  const browser = await launch()
  onTestFinished(() => browser.close())
  const reader = await personWithoutServer(browser)
  await reader.page.getByLabel(/Replay a recorded file/).setInputFiles(file)
  for (const sentence of ['was held: it had not read #', `${last.message.sender_id} sent #${last.seq}`])
    await reader.page.getByRole('article').filter({ hasText: sentence }).first().waitFor()
  await reader.sees(`${lines.length} of ${lines.length}`)
  expect(reader.errors).toEqual([])
})
