import { spawnSync } from 'node:child_process'
import { setTimeout as wait } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { midsentence, serving } from './midsentence.ts'
import { node } from './node-process.ts'

const hasCurl = spawnSync('curl', ['--version']).status === 0
if (!hasCurl) console.warn('Skipped: the lines of curl that are printed, since there is no curl.')

test.each(['SIGINT', 'SIGTERM'] as const)('serve tells where it is and how to join, and %s ends it with 0', async signal => {
  const { url, process } = await serving()
  await process.says('With curl')
  const { stdout } = await ended(process.says('leave'))
  expect((await fetch(`${url}/healthz`)).status).toBe(200)
  process.kill(signal)
  const { code, stderr } = await process.ended
  expect([code, stderr]).toEqual([0, ''])
  expect(stdout).toContain(url)
})
