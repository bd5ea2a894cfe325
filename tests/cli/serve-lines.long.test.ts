import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { serving } from '../midsentence.ts'
import { shell, unlessCurl } from '../shell.ts'

/** Creates a password file, deleted after the test. */
function fileWith(text: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'midsentence serve-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const path = join(folder, 'password')
  writeFileSync(path, text)
  return path
}

test.skipIf(unlessCurl()).each([
  ['', undefined, ''],
  [', with a password', 'open/sesame+1==', ''],
  [', under a prefix', undefined, '/chat'],
])('[W5] the lines that serve prints run in a shell%s', async (_, password, prefix) => {
  const { process, url } = await serving(
    ...(password === undefined ? [] : ['--password-file', fileWith(password)]),
    ...(prefix === '' ? [] : ['--prefix', prefix]),
  )
  expect(new URL(url).pathname).toBe(prefix || '/')
  const [, first = ''] =
    password === undefined ? [] : await process.says(/terminal:\n\n(export MIDSENTENCE_CREDENTIAL=.+\n)\n/)
  const [, terminal, code, curl] = await process.says(
    /folder\)\n\n([\s\S]+?)\n\nWith code[\s\S]+?\n\n([\s\S]+?)\n\nWith curl[\s\S]+?\n\n([\s\S]+?)\n\n/,
  )
  const byCode = shell(first + code)
  const byCurl = await shell(first + curl).ended
  const answers = byCurl.stdout
    .trim()
    .split('\n')
    .map(line => JSON.parse(line).result)
  expect([byCurl.code, answers.length]).toEqual([0, 4])
  expect(answers.map(({ status }) => status).filter(status => status === undefined)).toEqual([])
  const byHand = shell(first + terminal)
  byHand.type('By hand.\n\n')
  await byHand.says('* Sent.')
  byHand.endInput()
  expect(await byHand.ended).toMatchObject({ code: 0 })
  expect((await byCode.ended).code).toBe(0)
})
