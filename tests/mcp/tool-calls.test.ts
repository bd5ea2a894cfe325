import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { mcpHttp } from '@midsentence/mcp'
import { startServer } from '@midsentence/server'
import type { Client } from '@modelcontextprotocol/client'
import type { Client as OldClient } from '@modelcontextprotocol/sdk/client/index.js'
import { expect, onTestFinished, test } from 'vitest'
import { expectFormsExplained, type Generation, httpHost } from './hosts.ts'

/** A host of Claude at an MCP endpoint, in a room with Ada. */
async function setUp(generation: Generation) {
  const server = await startServer({ port: 0 })
  const endpoint = mcpHttp({ url: server.url, version: '1.0.0', progressMs: 50 })
  const http = createServer((req, res) => endpoint.handle(req, res))
  await new Promise<void>(resolve => http.listen(0, '127.0.0.1', resolve))
  onTestFinished(async () => {
    http.close()
    await endpoint.close()
    http.closeAllConnections()
    await server.close()
  })
  const [ada, claude] = await Promise.all(
    ['Ada', 'Claude'].map(username => server.hub.join({ username, secret: '0123456789abcdef0123' })),
  )
  const address = `http://127.0.0.1:${(http.address() as AddressInfo).port}`
  return { ada: ada!, host: await httpHost(generation, address, claude!.joinResult.token) }
}

const generations: readonly Generation[] = ['2025-11-25', '2026-07-28', 'old']

test.each(generations)(
  '%s: a check outlasts the time limit of a client that resets it on progress',
  async generation => {
    const { ada, host } = await setUp(generation)
    let reported = () => {}
    const outlasted = new Promise<void>(resolve => {
      reported = resolve
    })
    let reports = 0
    const onprogress = () => {
      // Longer than the time limit.
      if (++reports === 12) reported()
    }
    const options = { timeout: 400, resetTimeoutOnProgress: true, onprogress }
    const call = { name: 'check', arguments: {} }
    const check =
      generation === 'old'
        ? (host.client as OldClient).callTool(call, undefined, options)
        : (host.client as Client).callTool(call, options)
    await Promise.race([outlasted, check])
    await ada.append({ text: 'Hello?' })
    await ada.push()
    expect(JSON.stringify((await check).content)).toContain('Ada: Hello?')
    expect(reports).toBeGreaterThanOrEqual(12)
  },
)

test.each(generations)('%s: wrong arguments are answered with our sentences', async generation => {
  const { host } = await setUp(generation)
  const wrong: readonly (readonly [string, Record<string, unknown>, RegExp])[] = [
    ['append', {}, /^\* append takes a text: what to add to your draft\.$/],
    ['append', { text: null }, /^\* append takes a text/],
    ['append', { text: 'Mine.', foo: 1 }, /^\* Added to your draft\./],
    [
      'push',
      { text: 'Mine.' },
      /^\* Nothing was sent: push takes no text\. append it first, then push sends your whole draft\.$/,
    ],
    ['check', { timeout_ms: '0', read: null }, /Call check again to go on listening\.$/],
    ['check', { timeout_ms: 'long' }, /^\* check takes timeout_ms as a number of milliseconds from 0 to 55000\.$/],
    ['who', { text: 1 }, /^\* You are "Claude"\./],
    ['push', { text: null, read: 7, wait_for_previous: true }, /^\* Sent\./],
  ]
  for (const [tool, args, sentence] of wrong) expect(await host.read(tool, args), tool).toMatch(sentence)
  await expectFormsExplained(host)
})
