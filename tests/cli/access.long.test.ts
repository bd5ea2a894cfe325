import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { midsentence, serving } from '../midsentence.ts'

/** Creates files by name and content, deleted after the test. Returns their paths. */
function files(contents: Readonly<Record<string, string>>): Record<string, string> {
  const folder = mkdtempSync(join(tmpdir(), 'midsentence-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  return Object.fromEntries(
    Object.entries(contents).map(([name, text]) => {
      writeFileSync(join(folder, name), text)
      return [name, join(folder, name)]
    }),
  )
}

test('a password from a file or the environment lets a participant join', async () => {
  const { password, wrong } = files({ password: 'sesame\n', wrong: 'simsim' })
  const { url, process } = await serving('--password-file', password!)
  const refused = await midsentence('join', url, '--name', 'Ada').ended
  expect([refused.code, refused.stderr]).toEqual([
    1,
    'midsentence: You may not come in: this server has a password, and no "credential" was given.\n',
  ])
  const guessed = await midsentence('join', url, '--name', 'Ada', '--credential-file', wrong!).ended
  expect(guessed.stderr).toContain('the password is wrong')
  const joined = await midsentence('join', url, '--name', 'Ada', '--credential-file', password!).ended
  expect([joined.code, joined.stdout.includes('You are "Ada"')]).toEqual([0, true])
  const ben = await midsentence.in({ MIDSENTENCE_CREDENTIAL: 'sesame' })('join', url, '--name', 'Ben').ended
  expect(ben.code).toBe(0)
  process.kill('SIGTERM')
  // Each refused join is in the log: the first at once, the others by their number.
  const { code, stderr } = await process.ended
  expect(code).toBe(0)
  expect(
    stderr
      .trim()
      .split('\n')
      .map(line => JSON.parse(line)),
  ).toMatchObject([
    { level: 'warn', what: 'entry', room: 'lobby', msg: 'refused' },
    { level: 'warn', what: 'entry', room: 'lobby', count: 1, msg: 'refused' },
  ])
})
