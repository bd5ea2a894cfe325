import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { midsentence, serving } from '../midsentence.ts'
import { shell, unlessCurl } from '../shell.ts'

/** Creates a password file, deleted after the test. */
function fileWith(text: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'midsentence serve-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const path = join(folder, 'password')
  writeFileSync(path, text)
  return path
}

test.each(['SIGINT', 'SIGTERM'] as const)('serve prints how to join, and %s ends it with exit code 0', async signal => {
  const { url, process } = await serving()
  await process.says('"method":"leave"')
  expect((await fetch(`${url}/healthz`)).status).toBe(200)
  const before = performance.now()
  process.kill(signal)
  const { code, stdout, stderr } = await process.ended
  expect([code, stderr]).toEqual([0, ''])
  expect(performance.now() - before).toBeLessThan(1500)
  for (const how of [`midsentence chat ${url}`, 'AsyncChatRoom', `curl -sw '\\n' ${url}/rpc`])
    expect(stdout).toContain(how)
})

test('a taken port is reported in a sentence that says what to do', async () => {
  const { url } = await serving()
  const { port } = new URL(url)
  const { code, stdout, stderr } = await midsentence('serve', '--memory', '--port', port).ended
  expect([code, stdout]).toEqual([1, ''])
  expect(stderr).toMatch(
    new RegExp(`^midsentence: Port ${port} of 127\\.0\\.0\\.1 is taken: .+ --port ${Number(port) + 1} .+\\n$`),
  )
})

test('the port comes from the environment when no flag is given', async () => {
  const { url } = await serving()
  const { code, stderr } = await midsentence.in({ PORT: new URL(url).port })('serve', '--memory').ended
  expect([code, stderr]).toEqual([1, expect.stringContaining('is taken')])
})

test('serve --demo plays on its own server, then prints the events of the room', async () => {
  const { url, process } = await serving('--demo', '--speed', '1000')
  await process.says('What happens in the room demo')
  const held = await process.says(/Claude {2}is held[\s\S]*Claude {2}is sent/)
  expect(held).not.toContain('trouble')
  const ada = midsentence.typing('chat', url, '--name', 'Ada', '--room', 'demo')
  await process.says('# Ada is here.')
  ada.type('Nobody\nhere?\n\n')
  await process.says('\nAda: Nobody\n    here?\n')
  ada.endInput()
  expect(await ada.ended).toMatchObject({ code: 0, stderr: '' })
  await process.says('# Ada is gone.')
  process.kill('SIGINT')
  expect(await process.ended).toMatchObject({ code: 0, stderr: '' })
})

test('Ctrl-C during the demo ends serve --demo with exit code 0', async () => {
  const { process } = await serving('--demo', '--speed', '0.01')
  await process.says('GPT     writes')
  process.kill('SIGINT')
  expect(await process.ended).toMatchObject({ code: 0, stderr: '' })
})

test.skipIf(unlessCurl()).each([
  ['', undefined],
  [', with a password', 'open/sesame+1=='],
])('the lines that serve prints run in a shell%s', async (_, password) => {
  const { process } = password === undefined ? await serving() : await serving('--password-file', fileWith(password))
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
