import { spawn } from 'node:child_process'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { startServer } from '@midsentence/server'
import { expect, onTestFinished, test } from 'vitest'
import { lacksPrograms } from './any-language/external-program.ts'
import { publishHostileTexts } from './hostile-texts.ts'

const parser = fileURLToPath(new URL('any-language/sse.py', import.meta.url))

const skipped = lacksPrograms(['python3'], 'an event stream parser in Python')

test.skipIf(skipped)('[V1] a Python parser reads each hostile message as exactly one event', async () => {
  const { url, hub, close } = await startServer({ port: 0 })
  onTestFinished(close)
  const ada = await hub.join({ username: 'Ada' })
  const published = await publishHostileTexts(ada)
  const stream = `${url}/rooms/lobby/events?after=0&token=${ada.joinResult.token}`
  const python = spawn('python3', [parser, stream, String(published.length)], { stdio: ['ignore', 'pipe', 'inherit'] })
  const lines = (await text(python.stdout)).trim().split('\n')
  const events = lines.map(line => JSON.parse(line))
  expect(events.map(({ id }) => id)).toEqual(published.map((_, at) => `${at + 1}`))
  expect(events.map(({ data }) => JSON.parse(data).content)).toEqual(published.map(({ content }) => content))
})
