import { readFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { node } from '@midsentence/testing/node-process'
import { expect, onTestFinished, test } from 'vitest'

const rowsIn = (file: string | URL) =>
  readFileSync(file, 'utf8')
    .trimEnd()
    .split('\n')
    .map((line): { readonly experiment: string } => JSON.parse(line))

const published = new URL('../docs/arena/results.ndjson', import.meta.url)

test('the results are those of this version: an experiment that is played again has the same rows', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'midsentence-'))
  onTestFinished(() => rm(folder, { recursive: true }))
  const file = join(folder, 'rows.ndjson')
  const report = ['--conditions=production', 'scripts/arena/run.mjs', '--only', '^participants-2$', '--to', file]
  const { code } = await node(report).ended
  expect(code).toBe(0)
  expect(rowsIn(file)).toEqual(rowsIn(published).filter(({ experiment }) => experiment === 'participants-2'))
})
