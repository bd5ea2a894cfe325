import { readFileSync } from 'node:fs'
import { startServer } from '@midsentence/server'
import { expect, onTestFinished, test } from 'vitest'
import { lacksPrograms, runProgram } from './any-language/external-program.ts'

const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8')
const lines = /^```sh\n(# talk by curl\n.*?)^```$/ms.exec(readme)?.[1]
const skipped = lacksPrograms(['sh', 'curl', 'sed'], 'the curl commands of the README')

test.skipIf(skipped)('the curl commands of the README send a message and read the reply', async () => {
  const { url, hub, close } = await startServer({ port: 0 })
  onTestFinished(close)
  // The commands use the default port, or MIDSENTENCE_URL.
  expect(lines).toContain(':-http://127.0.0.1:8890}')
  const ada = await hub.join({ username: 'Ada', room: 'demo' })
  const reply = ada.check().then(async ({ messages: [message] }) => {
    await ada.append({ text: `I read you, ${message?.sender_id}.` })
    return ada.push()
  })
  const { code, stdout, stderr } = await runProgram('sh', ['-c', lines!], { env: { MIDSENTENCE_URL: url } }).ended
  expect([code, stderr]).toEqual([0, ''])
  expect(await reply).toMatchObject({ status: 1, seq: 2 })

  const answers = stdout.split('\n').filter(line => line.startsWith('{'))
  const results = answers.map(line => JSON.parse(line).result ?? line)
  expect(results.map(({ status }) => status)).toEqual(results.map(() => 1))
  expect(results.map(({ seq }) => seq)).toContain(1)
  expect(results.flatMap(({ messages = [] }) => messages)).toMatchObject([{ sender_id: 'Ada', seq: 2 }])
  expect(stdout).toMatch(/^event: message\ndata: \{.*"seq":1,/m)
  // The commands end with `leave`.
  expect(hub.enter.bind(hub, stdout.split('\n')[0]!)).toThrow('This token belongs to no session')
})
