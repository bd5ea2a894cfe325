import { AsyncChatRoom } from '@midsentence/client'
import { startServer } from '@midsentence/server'
import type { Client } from '@modelcontextprotocol/client'
import { expect, onTestFinished, test } from 'vitest'
import { httpEndpoint, httpHost, stateFolder, stdioHost } from './hosts.ts'

/** Longer than hosts wait by default. */
const WAIT_MS = 65_000

test('with --check-max a check of the command waits for more than a minute, and reports progress every 10 s', async () => {
  const server = await startServer({ port: 0 })
  onTestFinished(() => server.close())
  const tokens = await Promise.all(
    ['Llama', 'Qwen'].map(username => server.hub.join({ username, secret: '0123456789abcdef0123' })),
  )
  const args = ['--check-max', '120000']
  const [token, other] = tokens.map(({ joinResult }) => joinResult.token)
  const endpoint = await httpEndpoint(server.url, args)
  const hosts = await Promise.all([
    stdioHost('2025-11-25', [server.url, '--name', 'Claude', ...args], await stateFolder()),
    stdioHost('2026-07-28', [server.url, '--name', 'GPT', ...args], await stateFolder()),
    httpHost('2025-11-25', endpoint, token!),
    httpHost('2026-07-28', endpoint, other!),
  ])
  const ada = new AsyncChatRoom({ url: server.url, username: 'Ada' })
  onTestFinished(() => ada.close())
  await Promise.all(hosts.map(({ read }) => read('who')))
  const checks = hosts.map(async ({ client }) => {
    const began = performance.now()
    const reports: number[] = []
    const { content } = await (client as Client).callTool(
      { name: 'check', arguments: { timeout_ms: 120_000 } },
      {
        // Without progress it would end long before.
        ...{ timeout: 20_000, resetTimeoutOnProgress: true },
        onprogress: ({ progress }) => reports.push(progress),
      },
    )
    return { text: (content as { text: string }[])[0]!.text, ms: performance.now() - began, reports }
  })
  await new Promise(resolve => setTimeout(resolve, WAIT_MS))
  await ada.append('Hello?')
  await ada.push()
  for (const { text, ms, reports } of await Promise.all(checks)) {
    expect(text).toMatch(/^Ada: Hello\?\n\* Read code: 1-/)
    expect(ms).toBeGreaterThan(WAIT_MS)
    expect(reports.map(seconds => Math.round(seconds / 10))).toEqual([1, 2, 3, 4, 5, 6])
  }
})
