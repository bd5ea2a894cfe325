import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type NodeProcess, node } from '@midsentence/testing/node-process'
import { expect, onTestFinished, test } from 'vitest'

const bin = 'packages/cli/bin/midsentence.js'

/** Runs Node.js with coverage on. `loaded` resolves after its exit with the packages whose files it loaded. */
function start(...args: string[]): { readonly command: NodeProcess; readonly loaded: Promise<readonly string[]> } {
  const folder = mkdtempSync(join(tmpdir(), 'midsentence-coverage-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  const command = node(args, { typing: true, env: { NODE_V8_COVERAGE: folder } })
  const loaded = command.ended.then(({ code, stderr }) => {
    expect([args, code, stderr]).toEqual([args, 0, ''])
    const reports = readdirSync(folder).map(file => JSON.parse(readFileSync(join(folder, file), 'utf8')))
    const urls: string[] = reports.flatMap(({ result }) => result.map(({ url }: { url: string }) => url))
    return [...new Set(urls.flatMap(packageOf))].sort()
  })
  return { command, loaded }
}

/** Returns the package of a loaded file. Files of Node.js itself have other URLs. */
function packageOf(url: string): readonly string[] {
  const found = /.*\/node_modules\/((?:@[^/]+\/)?[^/]+)|\/packages\/([^/]+)\//.exec(url)
  return url.startsWith('file:') && found ? [found[1] ?? `packages/${found[2]}`] : []
}

const commands = 'serve join chat agent mcp demo debate conformance admin backup verify export import'.split(' ')

test('--version and every --help load no package but the command itself', async () => {
  const calls = [['--version'], ['--help'], ...commands.map(name => [name, '--help'])]
  const script = `
    const { main } = await import('./packages/cli/dist/main.js')
    for (const args of ${JSON.stringify(calls)}) await main(args)
  `
  const { command, loaded } = start('--input-type=module', '-e', script)
  expect(await loaded).toEqual(['packages/cli'])
  const { stdout } = await command.ended
  for (const name of commands) expect(stdout).toContain(`\nmidsentence ${name} `)
})

test('mcp answers initialize before it loads the client, core or an SDK of models', async () => {
  const { command, loaded } = start(bin, 'mcp', '--name', 'Claude', '--journal', join(tmpdir(), 'never-written'))
  const params = { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 'a-host', version: '1.0.0' } }
  command.type(`${JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'initialize', params })}\n`)
  await command.says('"serverInfo"')
  command.endInput()
  const ours = (await loaded).filter(name => name.startsWith('packages/'))
  expect(ours).toEqual(['packages/agent', 'packages/cli', 'packages/mcp'])
  const outside = (await loaded).filter(name => !name.startsWith('packages/'))
  expect(outside).toContain('@modelcontextprotocol/server')
  expect(outside.filter(name => !/^(@modelcontextprotocol\/|zod$|@hono\/node-server$)/.test(name))).toEqual([])
})

test('serve --memory loads neither the store, the client, MCP nor an SDK of models', async () => {
  const { command, loaded } = start(bin, 'serve', '--memory', '--port', '0')
  await command.says('serves at')
  command.kill('SIGTERM')
  const ours = ['packages/cli', 'packages/core', 'packages/server', 'packages/transport-sse', 'packages/transport-ws']
  expect((await loaded).filter(name => name.startsWith('packages/'))).toEqual(ours)
  expect((await loaded).filter(name => /lmdb|^ai$|@ai-sdk|modelcontextprotocol|pino/.test(name))).toEqual([])
})
