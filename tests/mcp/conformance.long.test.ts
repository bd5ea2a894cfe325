import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, request } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startServer } from '@midsentence/server'
import { afterAll, expect, onTestFinished, test } from 'vitest'
import { command } from '../pack/command.ts'
import { httpEndpoint } from './hosts.ts'

const folder = mkdtempSync(join(tmpdir(), 'midsentence-conformance-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))
writeFileSync(join(folder, 'package.json'), '{"private":true}')
// The suite needs Node.js 24.
const wanted = ['node@24', '@modelcontextprotocol/conformance@0.1.16']
const { code, output } = await command(folder, 'npm', 'install', '--no-audit', '--no-fund', '--silent', ...wanted)
const missing = code !== 0
if (missing && process.env.CI) throw new Error(`The conformance suite of MCP cannot be installed:\n${output}`)
if (missing) console.warn(`Skipped: the conformance suite of MCP, since it cannot be installed:\n${output}`)

/** Scenarios that need no special tool, resource or prompt. */
const scenarios = [
  'server-initialize',
  'ping',
  'tools-list',
  'resources-list',
  'prompts-list',
  'dns-rebinding-protection',
]

/** Starts a proxy that adds the token to each request, because the suite cannot send one. */
async function withToken(endpoint: string, token: string): Promise<string> {
  const { port } = new URL(endpoint)
  const proxy = createServer((req, res) => {
    const headers = { ...req.headers, authorization: `Bearer ${token}` }
    const onward = request({ host: '127.0.0.1', port, path: req.url, method: req.method, headers }, answer => {
      res.writeHead(answer.statusCode!, answer.headers)
      answer.pipe(res)
    })
    req.pipe(onward)
  })
  await new Promise<void>(resolve => proxy.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    proxy.close()
    proxy.closeAllConnections()
  })
  return `http://127.0.0.1:${(proxy.address() as AddressInfo).port}/mcp`
}

test.skipIf(missing)('the official scenarios that apply pass on Node.js 24', async () => {
  const server = await startServer({ port: 0 })
  onTestFinished(() => server.close())
  const ada = await server.hub.join({ username: 'Ada', secret: '0123456789abcdef0123' })
  await ada.who()
  const url = await withToken(await httpEndpoint(server.url), ada.joinResult.token)
  const suite = join(folder, 'node_modules/@modelcontextprotocol/conformance/dist/index.js')
  const run = (scenario: string) =>
    command(folder, join(folder, 'node_modules/.bin/node'), suite, 'server', '--url', url, '--scenario', scenario)
  for (const scenario of scenarios) {
    const { code, output } = await run(scenario)
    expect([scenario, code], output.slice(-3000)).toEqual([scenario, 0])
  }
  // A negative control: this scenario needs a tool that does not exist here.
  expect((await run('tools-call-image')).code).not.toBe(0)
})
