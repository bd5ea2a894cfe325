import { appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { createLiveFile, resumeLiveFile } from './live-file.ts'
import type { FailedLiveRun, LiveHeader } from './live-record.ts'

const header: LiveHeader = {
  type: 'live settings',
  midsentence: '0.1.0',
  begun: '2026-01-01T00:00:00.000Z',
  about: '',
  settings: {
    ...{ scenario: 'counting', policies: ['hold'], participants: 3, first: 1, budget_tokens: 1, minutes: 1 },
    models: [{ model: 'm', host: 'one' }],
    sampling: {},
  },
}

const record = (seed: number): FailedLiveRun => ({
  type: 'failed',
  ...{ policy: 'hold', seed, begun: '', sentence: 'Oh.' },
})

function newPath(): string {
  const folder = mkdtempSync(join(tmpdir(), 'midsentence-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  return join(folder, 'runs.jsonl')
}

test('a file holds its settings and each run at once, and is not written over', () => {
  const path = newPath()
  createLiveFile(path, header).append(record(1))
  const lines = readFileSync(path, 'utf8').trimEnd().split('\n')
  expect(lines.map(line => JSON.parse(line))).toEqual([header, record(1)])
  expect(() => createLiveFile(path, header)).toThrow(`${path} exists: go on with its runs by --resume`)
})

test('a resumed file gives its runs, and loses a last line that a crash cut off', () => {
  const path = newPath()
  createLiveFile(path, header).append(record(1))
  appendFileSync(path, '{"type":"run","policy":"hö')
  const file = resumeLiveFile(path, { ...header, begun: 'later' })
  expect(file.records).toEqual([record(1)])
  file.append(record(2))
  expect(resumeLiveFile(path, header).records).toEqual([record(1), record(2)])
})

test.each([
  [{ ...header, midsentence: '0.2.0' }, 'midsentence 0.1.0'],
  [{ ...header, settings: { ...header.settings, participants: 4 } }, 'participants: 3'],
  [
    { ...header, settings: { ...header.settings, models: [{ model: 'm', host: 'two' }] } },
    'models: [{"model":"m","host":"one"}]',
  ],
  [{ ...header, settings: { ...header.settings, sampling: { temperature: 0 } } }, 'sampling: {}'],
])('a file of other settings is refused, and the refusal names the first', (other, named) => {
  const path = newPath()
  createLiveFile(path, header)
  expect(() => resumeLiveFile(path, other)).toThrow(`with other settings (${named})`)
})

test.each([
  ['{"type":"live', 'it does not begin with settings of live runs'],
  ['{"version":"1"}\n', 'it does not begin with settings of live runs'],
  ['no JSON\n', 'it has a line that is no JSON'],
])('a file that holds %j is refused and stays as it is', (text, sentence) => {
  const path = newPath()
  writeFileSync(path, text)
  expect(() => resumeLiveFile(path, header)).toThrow(sentence)
  expect(readFileSync(path, 'utf8')).toBe(text)
})

test('a file that does not exist, or cannot be created, is named', () => {
  const path = newPath()
  expect(() => resumeLiveFile(path, header)).toThrow(`There is no ${path} to resume`)
  expect(() => createLiveFile(join(path, 'x'), header)).toThrow(`--json cannot write ${path}`)
})
