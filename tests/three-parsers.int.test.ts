import { spawn } from 'node:child_process'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { expect, onTestFinished, test } from 'vitest'
import { startServer } from '../packages/server/src/index.ts'
import { skippedWithout } from './any-language/foreign.ts'
import { sayAll } from './three-parsers.ts'

const reader = fileURLToPath(new URL('any-language/sse.py', import.meta.url))

const skipped = skippedWithout(['python3'], 'a third reader of event streams')

test.skipIf(skipped)('[V1] whatever a message holds is exactly one event, to a third parser', async () => {
  const { url, hub, close } = await startServer({ port: 0 })
  onTestFinished(close)
  const ada = await hub.join({ username: 'Ada' })
  const said = await sayAll(ada)
  const at = `${url}/rooms/lobby/events?after=0&token=${ada.joinResult.token}`
  const python = spawn('python3', [reader, at, String(said.length)], { stdio: ['ignore', 'pipe', 'inherit'] })
  const lines = (await text(python.stdout)).trim().split('\n')
  const events = lines.map(line => JSON.parse(line))
  expect(events.map(({ id }) => id)).toEqual(said.map((_, seq) => `${seq + 1}`))
  expect(events.map(({ data }) => JSON.parse(data).content)).toEqual(said.map(({ content }) => content))
})
