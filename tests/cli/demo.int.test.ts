import { pythonServerMissing, startPythonServer } from '@midsentence/testing/legacy/python-server'
import { expect, onTestFinished, test } from 'vitest'
import { midsentence } from '../midsentence.ts'

const missing = pythonServerMissing()
const skipped = missing !== undefined && !process.env.CI
if (skipped) console.warn(`Skipped: the demo over the existing Python chat server, since ${missing}.`)

const demo = (...args: string[]) => midsentence('demo', ...args)

test.skipIf(skipped)('the demo plays on the existing Python server, hold included, and leaves it', async () => {
  const server = await startPythonServer()
  onTestFinished(() => server.stop())
  const { code, stdout, stderr } = await demo('--url', server.url, '--speed', '1000').ended
  expect([code, stderr]).toEqual([0, ''])
  for (const line of [
    'Claude  takes back',
    'Claude  is held',
    'Claude  is sent',
    'GPT     reads       Claude: The fund',
  ]) {
    expect(stdout).toContain(line)
  }
  expect(stdout).not.toContain('trouble')
  for (const name of ['Claude', 'GPT']) expect(server.output()).toContain(`User unregistered: ${name}`)
})

test.skipIf(skipped)('Ctrl-C leaves the room of the existing Python server', async () => {
  const server = await startPythonServer()
  onTestFinished(() => server.stop())
  const playing = demo('--url', server.url, '--speed', '0.01')
  await playing.says('GPT     writes')
  playing.kill('SIGINT')
  expect(await playing.ended).toMatchObject({ code: 130, stderr: '' })
  for (const name of ['Claude', 'GPT']) expect(server.output()).toContain(`User unregistered: ${name}`)
})
