import { expect, test } from 'vitest'
import { midsentence, serving } from '../midsentence.ts'
import { shell, unlessCurl } from '../shell.ts'

test.skipIf(unlessCurl())('a shell runs the lines that join prints, for any name', async () => {
  const { url } = await serving()
  const name = `O'Neil "$HOME" \`x\``
  const joined = await midsentence('join', url, '--name', name, '--room', 'talks').ended
  expect([joined.code, joined.stderr]).toEqual([0, ''])
  expect(joined.stdout).toContain(`You are "${name.replaceAll('"', "'")}" in the room talks of ${url}, alone so far.`)

  const blocks = joined.stdout.split('\n\n').slice(1)
  const lines = new Map(blocks.map(block => block.trim().split('\n') as [string, string]))
  const [token, ...rest] = [...lines.values()]
  const run = async (line: string) => {
    const { code, stdout, stderr } = await shell(`${token}\n${line}`).ended
    expect([code, stderr]).toEqual([0, ''])
    return JSON.parse(stdout).result
  }
  const [append, preview, undo, push, check, events, leave] = rest as [
    string,
    string,
    string,
    string,
    string,
    string,
    string,
  ]
  expect(await run(append)).toMatchObject({ status: 1, suffix: `Hello, this is ${name}.` })
  expect(await run(preview)).toMatchObject({ draft: `Hello, this is ${name}.` })
  expect(await run(undo)).toMatchObject({ status: 1, suffix: '' })
  await run(append)
  const stream = shell(`${token}\nexec ${events}`)
  await stream.says('event: presence')
  expect(await run(push)).toMatchObject({ status: 1, seq: 1 })
  await stream.says('event: message')
  stream.kill('SIGTERM')
  await midsentence.typing('chat', url, '--name', 'Ben', '--room', 'talks').type('Hello back\n\n')
  expect(await run(check)).toMatchObject({ status: 1, messages: [{ sender_id: 'Ben', content: 'Hello back' }] })
  expect(await run(leave)).toEqual({ status: 1 })
  expect((await midsentence('join', url, '--name', name, '--room', 'talks').ended).stdout).toContain('with "Ben".')
})

test('a taken name is reported in a sentence', async () => {
  const { url } = await serving()
  await midsentence('join', url, '--name', 'Ada').ended
  const again = await midsentence('join', url, '--name', 'ADA').ended
  expect([again.code, again.stderr]).toEqual([
    1,
    expect.stringMatching(/^midsentence: The name "ADA" is taken in lobby: choose another\..*\n$/),
  ])
})
