import { connect } from '@midsentence/client'
import { startServer } from '@midsentence/server'
import type { Client } from '@modelcontextprotocol/client'
import { expect, onTestFinished, test } from 'vitest'
import { httpEndpoint, httpHost, stateFolder, stdioHost } from './hosts.ts'

const tools = ['append', 'check', 'push', 'undo', 'reset', 'preview', 'who'] as const
const ROUNDS = 1000

test.each(['stdio', 'http'])(
  '[U3] over %s, 1,000 calls that are cancelled within 50 ms end neither server nor reading',
  async kind => {
    const server = await startServer({ port: 0 })
    onTestFinished(() => server.close())
    const { joinResult } = await server.hub.join({ username: 'Claude', secret: '0123456789abcdef0123' })
    const host =
      kind === 'stdio'
        ? await stdioHost('2025-11-25', [server.url, '--name', 'GPT'], await stateFolder())
        : await httpHost('2025-11-25', await httpEndpoint(server.url), joinResult.token)
    const ada = await connect(server.url, { username: 'Ada' })
    onTestFinished(() => ada.close())
    await host.read('who')
    const uncancelled: string[] = []
    host.client.onerror = ({ message }) => {
      if (message.startsWith('Failed to send cancellation')) uncancelled.push(message)
    }
    for (let round = 0; round < ROUNDS; round++) {
      const name = tools[round % tools.length]!
      const args = name === 'append' ? { text: 'x' } : name === 'check' ? { timeout_ms: 40_000 } : {}
      const controller = new AbortController()
      const call = (host.client as Client).callTool({ name, arguments: args }, { signal: controller.signal })
      call.catch(() => {})
      await new Promise(resolve => setTimeout(resolve, round % 51))
      controller.abort()
      await call.catch(() => {})
    }
    expect(uncancelled).toEqual([])
    await ada.append('Are you there?')
    // A cancelled push may still be sent, and holds her first one.
    await expect.poll(() => ada.push()).toMatchObject({ status: 1 })
    await expect.poll(() => host.read('check', { timeout_ms: 0 })).toContain('Are you there?')
  },
)
