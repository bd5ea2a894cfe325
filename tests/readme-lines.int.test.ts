import { readFileSync } from 'node:fs'
import { expect, onTestFinished, test } from 'vitest'
import { startServer } from '../packages/server/src/index.ts'
import { foreign, skippedWithout } from './any-language/foreign.ts'

const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8')
const lines = /^```sh\n(# talk by curl\n.*?)^```$/ms.exec(readme)?.[1]
const why = lines === undefined && 'README.md has no block of sh that begins with "# talk by curl"'
if (why) process.stderr.write(`Skipped: the lines of curl in the README, since ${why}.\n`)
const skipped = why !== false || skippedWithout(['sh', 'curl', 'sed'], 'the lines of curl in the README')

test.skipIf(skipped)('the lines of curl in the README do what they say, as they are printed', async () => {
  const { url, hub, close } = await startServer({ port: 0 })
  onTestFinished(close)
  // The port is the default one unless the environment says otherwise, as for AsyncChatRoom.
  expect(lines).toContain(':-http://127.0.0.1:8890}')
  const ada = await hub.join({ username: 'Ada', room: 'demo' })
  const replied = ada.check().then(async ({ messages: [said] }) => {
    await ada.append({ text: `I read you, ${said?.sender_id}.` })
    return ada.push()
  })
  const { code, stdout, stderr } = await foreign('sh', ['-c', lines!], { env: { MIDSENTENCE_URL: url } }).ended
  expect([code, stderr]).toEqual([0, ''])
  expect(await replied).toMatchObject({ status: 1, seq: 2 })

  const answers = stdout.split('\n').filter(line => line.startsWith('{'))
  const results = answers.map(line => JSON.parse(line).result ?? line)
  expect(results.map(({ status }) => status)).toEqual(results.map(() => 1))
  expect(results.map(({ seq }) => seq)).toContain(1)
  expect(results.flatMap(({ messages = [] }) => messages)).toMatchObject([{ sender_id: 'Ada', seq: 2 }])
  expect(stdout).toMatch(/^event: message\ndata: \{.*"seq":1,/m)
  // Whoever said it has left.
  expect(hub.enter.bind(hub, stdout.split('\n')[0]!)).toThrow('This token belongs to no session')
})
