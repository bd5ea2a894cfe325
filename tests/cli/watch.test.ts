import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { connect } from '@midsentence/client'
import type { ScoreRecord } from '@midsentence/core'
import { expect, onTestFinished, test } from 'vitest'
import { midsentence, serving } from '../midsentence.ts'

/** A running server whose rooms are recorded, and a folder for a test. */
async function recordingServer(...args: string[]) {
  const folder = mkdtempSync(join(tmpdir(), 'midsentence-watch-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  const policy = join(folder, 'policy.mjs')
  writeFileSync(policy, `export const access = room => ({ observable: true, recorded: room === 'lobby' })\n`)
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
  expect(await recording.ended).toMatchObject({ code: 0, stdout: expect.stringContaining(`lines are in ${file}.`) })
  const lines = (text: string) => text.trimEnd().split('\n')
  const records: ScoreRecord[] = lines(read()).map(line => JSON.parse(line))
  expect(records.map(({ position }) => position)).toEqual(records.map((_, nth) => nth + 1))
  const exported = lines((await midsentence('export', '--data', data).ended).stdout).map(line => JSON.parse(line))
  const scores = exported.filter(line => 'score' in line)
  expect(scores.map(({ score }) => score.type)).toEqual(records.map(({ type }) => type))
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
