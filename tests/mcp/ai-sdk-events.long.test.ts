import { spawn } from 'node:child_process'
import { copyFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { AsyncChatRoom } from '@midsentence/client'
import { startServer } from '@midsentence/server'
import { afterAll, expect, onTestFinished, test } from 'vitest'
import { command } from '../pack/command.ts'
import { httpEndpoint } from './hosts.ts'

const folder = mkdtempSync(join(tmpdir(), 'midsentence-ai-sdk-events-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))
writeFileSync(join(folder, 'package.json'), '{"private":true}')
copyFileSync(join(import.meta.dirname, 'event-peers/ai-sdk-host.mjs'), join(folder, 'ai-sdk-host.mjs'))
// The AI SDK's client needs Node.js 22.
const wanted = ['node@24', '@ai-sdk/mcp@2.0.99']
const { code, output } = await command(folder, 'npm', 'install', '--no-audit', '--no-fund', '--silent', ...wanted)
const missing = code !== 0
if (missing && process.env.CI) throw new Error(`The AI SDK 2 cannot be installed:\n${output}`)
if (missing) console.warn(`Skipped: the AI SDK 2, since it cannot be installed:\n${output}`)

test.skipIf(missing)(
  'the AI SDK 2 subscribes to messages by a webhook, verifies, refreshes and unsubscribes, and answers by the tools',
  async () => {
    const server = await startServer({ port: 0 })
    onTestFinished(() => server.close())
    const gpt = await server.hub.join({ username: 'GPT', secret: '0123456789abcdef0123' })
    await gpt.who()
    const url = await httpEndpoint(server.url, ['--loopback-webhooks'])
    const ada = new AsyncChatRoom({ url: server.url, username: 'Ada' })
    onTestFinished(() => ada.close())
    await ada.append('one')

    const host = spawn(join(folder, 'node_modules/.bin/node'), ['ai-sdk-host.mjs', url, gpt.joinResult.token], {
      cwd: folder,
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    onTestFinished(() => void host.kill())
    const printed: Record<string, unknown>[] = []
    for await (const line of createInterface({ input: host.stdout })) {
      printed.push(JSON.parse(line))
      if (!('subscribed' in printed.at(-1)!)) continue
      await ada.push()
      await ada.append('two')
      await ada.push()
    }
    expect(printed).toEqual([
      { listed: [['message', ['push', 'poll', 'webhook']]] },
      { subscribed: expect.stringMatching(/^sub_/) },
      { event: 'one', cursor: expect.stringMatching(/^1\./) },
      { event: 'two', cursor: expect.stringMatching(/^2\./) },
      { refreshed: true, cursor: expect.stringMatching(/^2\./) },
      { left: 0 },
      {
        tools: ['append', 'undo', 'push', 'reset', 'check', 'preview', 'who'],
        heard: ['Ada: one', 'Ada: two'],
        pushed: '* Sent. Check to hear what the others say.',
      },
    ])
  },
)
