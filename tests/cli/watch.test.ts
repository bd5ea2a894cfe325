import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { connect } from '@midsentence/client'
import type { ScoreRecord } from '@midsentence/core'
import { lmdbStore } from '@midsentence/store-lmdb'
import { freshFolder } from '@midsentence/testing/harness/store-harness'
import { flip } from '@midsentence/testing/logs/filled-store'
import { expect, onTestFinished, test } from 'vitest'
import { bin } from '../built-command.ts'
import { midsentence, serving } from '../midsentence.ts'
import { ended, joined } from './session-calls.ts'

/** A running server whose rooms are recorded, and a folder for a test. */
async function recordingServer(...args: string[]) {
  const folder = mkdtempSync(join(tmpdir(), 'midsentence-watch-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  const policy = join(folder, 'policy.mjs')
  writeFileSync(policy, `export const access = room => ({ observable: true, recorded: room !== 'other' })\n`)
  return { folder, ...(await serving('--policy', policy, ...args)) }
}

test('watch prints a score as lines, and record writes it to a file that an export equals', async () => {
  const data = mkdtempSync(join(tmpdir(), 'midsentence-watched-'))
  onTestFinished(() => rmSync(data, { recursive: true, force: true }))
  const { url, folder } = await recordingServer('--data', data)
  const watching = midsentence('watch', url, '--room', 'lobby')
  const file = join(folder, 'room.ndjson')
  const recording = midsentence('record', url, '--to', file)
  const ada = await connect(url, { username: 'Ada' })
  await ada.append('Hello\n\u001b[31m* Bo: red')
  await ada.undo()
  await ada.append('Hi')
  await ada.push()
  await watching.says(/\d\d:\d\d:\d\d \[\d+\] "Ada" is here\.\n/)
  await watching.says(/"Ada" writes: Hello\\n\ufffd\[31m\* Bo: red\n/)
  await watching.says(/"Ada" takes the last segment back\.\n/)
  await watching.says(/Message 1, "Ada": Hi\n/)
  await watching.says(/"Ada" sent the draft as message 1\.\n/)
  watching.kill('SIGINT')
  // The numbers are explained, once.
  expect(await watching.ended).toMatchObject({
    code: 0,
    stderr: 'What is recorded of the room lobby: time in UTC, [number of the record], what happened. Ctrl-C ends it.\n',
  })
  const read = () => readFileSync(file, 'utf8')
  await expect.poll(read).toContain('"pushed"')
  await ada.close()
  await expect.poll(read).toContain('"left"')
  recording.kill('SIGINT')
  expect(await recording.ended).toMatchObject({
    code: 0,
    stdout: expect.stringContaining(`lines are in ${file}.`),
    stderr: `Recording the room lobby to ${file}. Ctrl-C ends it.\n`,
  })
  const lines = (text: string) => text.trimEnd().split('\n')
  const records: ScoreRecord[] = lines(read()).map(line => JSON.parse(line))
  expect(records.map(({ position }) => position)).toEqual(records.map((_, nth) => nth + 1))
  const exported = lines((await midsentence('export', '--data', data).ended).stdout).map(line => JSON.parse(line))
  const scores = exported.filter(line => 'score' in line)
  expect(scores.map(({ score }) => score.type)).toEqual(records.map(({ type }) => type))
})

test('watch explains its lines before the first record', async () => {
  const { url } = await recordingServer()
  const watching = spawn(process.execPath, [bin, 'watch', url, '--room', 'quiet'], {
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  onTestFinished(() => void watching.kill())
  const [first] = await once(watching.stderr.setEncoding('utf8'), 'data')
  expect(first).toContain('What is recorded of the room quiet: ')
})

test('watch and record say why they cannot begin', async () => {
  const { url, folder } = await recordingServer()
  expect(await midsentence('watch', url, '--room', 'other').ended).toMatchObject({
    code: 1,
    stderr: expect.stringMatching(
      /^midsentence: The room other at .* cannot be watched: There is no room other for you/,
    ),
  })
  const file = join(folder, 'policy.mjs')
  expect(await midsentence('record', url, '--to', file).ended).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('already exists'),
  })
  expect(await midsentence('watch', url, '--from', 'x').ended).toMatchObject({ code: 2 })
})

/** Makes a data directory with a score whose first two records are three hours old. */
async function dataWithScore(): Promise<string> {
  const data = join(freshFolder(onTestFinished), 'rooms')
  const store = await lmdbStore(data)
  const records = (hours: number, first: number, text: string): ScoreRecord[] => {
    const [at, head, sender_id] = [new Date(Date.now() - hours * 3_600_000).toISOString(), 0, 'Ada']
    return [
      { position: first, at, head, type: 'state', participants: [] },
      { position: first + 1, at, head, type: 'appended', sender_id, text, base: 0 },
      { position: first + 2, at, head, type: 'left', sender_id },
    ]
  }
  await store.scores.append('lobby', records(3, 1, 'from this morning'))
  await store.scores.append('lobby', [...records(0, 4, 'from now'), { ...records(0, 7, '')[0]!, type: 'stopped' }])
  await store.close()
  return data
}

const exported = async (data: string): Promise<string> => (await midsentence('export', '--data', data).ended).stdout

test('[I8] serve --keep-score says how long a score is kept, by default a day', async () => {
  const data = await dataWithScore()
  const first = await recordingServer('--data', data)
  const watching = midsentence('watch', first.url, '--room', 'lobby')
  await watching.says(/"Ada" writes: from this morning\n/)
  await ended(first.process, 'SIGTERM')
  expect(await exported(data)).toContain('from this morning')
  const second = await recordingServer('--data', data, '--keep-score', '1')
  await expect.poll(() => exported(data)).not.toContain('from this morning')
  await ended(second.process, 'SIGTERM')
  expect(await exported(data)).toContain('from now')
  expect(await midsentence('serve', '--memory', '--port', '0', '--keep-score', '0.5').ended).toMatchObject({ code: 2 })
})

test('[I8] admin erase removes a score at once, also what was undone, and keeps the messages', async () => {
  const data = await dataWithScore()
  const token = join(data, '..', 'token')
  writeFileSync(token, 'the-admin-token-of-this-test')
  const server = await recordingServer('--data', data, '--admin-token-file', token)
  const admin = (...args: string[]) => midsentence('admin', server.url, ...args, '--token-file', token).ended
  const { call } = await joined(server.url)
  await call('append', { text: 'said' })
  await call('push')
  await call('append', { text: 'undone' })
  await call('undo')
  await expect.poll(() => exported(data)).toContain('"undone"')
  expect(await admin('erase', 'lobby')).toMatchObject({
    code: 0,
    stdout: 'Erased the score of lobby. Its messages are kept.\n',
  })
  expect(await exported(data)).not.toMatch(/"score"/)
  expect(await admin('erase', 'other')).toMatchObject({ code: 0, stdout: 'other has no score.\n' })
  await call('append', { text: 'later' })
  await expect.poll(() => exported(data)).toContain('later')
  await ended(server.process, 'SIGTERM')
  const lines = (await exported(data))
    .trimEnd()
    .split('\n')
    .map(line => JSON.parse(line))
  const positions = lines.flatMap(({ score }) => (score ? [score.position] : []))
  expect(positions[0]).toBeGreaterThan(7)
  expect(lines.filter(line => line.record?.message?.content === 'said')).toHaveLength(1)
})

test('[I14] verify counts the records of scores, and lists their damage', async () => {
  const data = await dataWithScore()
  const verify = () => midsentence('verify', '--data', data).ended
  expect(await verify()).toMatchObject({
    code: 0,
    stdout: 'All records are intact: 0 messages in 0 rooms, 0 sessions and 7 records of scores.\n',
  })
  expect(flip(join(data, 'score'), 'from now')).toBeGreaterThan(0)
  expect(await verify()).toMatchObject({
    code: 1,
    stderr: expect.stringMatching(/^midsentence: The store is damaged: a row of a score .* fails its checksum\.\n/),
  })
})
