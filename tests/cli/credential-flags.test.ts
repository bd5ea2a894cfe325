import { execFile } from 'node:child_process'
import { startServer } from '@midsentence/server'
import { expect, onTestFinished, test } from 'vitest'
import { bin } from '../built-command.ts'

interface CommandResult {
  readonly code: number
  readonly said: string
}

/** Runs the command without the credential of this process, and resolves with all that it printed. */
const run = (args: readonly string[], credential?: string) =>
  new Promise<CommandResult>(resolve => {
    const { MIDSENTENCE_CREDENTIAL: _, ...rest } = process.env
    const env = { ...rest, ...(credential !== undefined && { MIDSENTENCE_CREDENTIAL: credential }) }
    const child = execFile(process.execPath, [bin, ...args], { env, timeout: 20_000 }, (error, stdout, stderr) =>
      resolve({ code: error ? Number(error.code) : 0, said: stdout + stderr }),
    )
    child.stdin!.end()
  })

const model = ['--model', 'none', '--base-url', 'http://127.0.0.1:1/v1', '--no-journal']

test('[A10] join, chat and agent send the credential of the flag or the environment, and print no wrong one', async () => {
  const { url, close } = await startServer({ port: 0, password: 'sesame' })
  onTestFinished(close)
  const commands = [
    ['join', url],
    ['chat', url],
    ['agent', url, ...model],
  ].map(args => [...args, '--name', 'Ada'])
  const refusals = await Promise.all(
    commands.flatMap(args => [run([...args, '--credential', 'simsalabim']), run(args, 'simsalabim')]),
  )
  for (const { code, said } of refusals) {
    expect(code).toBe(1)
    expect(said).toContain('the password is wrong')
    expect(said).not.toContain('simsalabim')
  }
  for (const [args, credential] of [
    [['--credential', 'sesame', '--name', 'Ben'], undefined],
    [['--name', 'Cleo'], 'sesame'],
  ] as const) {
    const { code, said } = await run(['join', url, ...args], credential)
    expect(code).toBe(0)
    expect(said).not.toContain('sesame')
  }
})

test('two credentials, and one beside a token, are refused with a sentence', async () => {
  const url = 'http://127.0.0.1:1'
  const [two, http] = await Promise.all([
    run(['join', url, '--name', 'Ada', '--credential', 'sesame', '--credential-file', 'x']),
    run(['mcp', url, '--http', '0', '--credential', 'sesame']),
  ])
  expect(two.said).toContain('Give --credential or --credential-file, not both.')
  expect(http.said).toContain('give the credential to midsentence join, not to mcp.')
  expect([two.code, http.code]).toEqual([2, 2])
  expect(two.said + http.said).not.toContain('sesame')
})
