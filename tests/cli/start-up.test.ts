import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type NodeProcess, node } from '@midsentence/testing/node-process'
import { expect, onTestFinished, test } from 'vitest'
import { bin } from '../built-command.ts'

/** The command of the clone, whose packages are apart. */
const compiled = 'packages/cli/bin/midsentence.js'

const initialize = JSON.stringify({
  jsonrpc: '2.0',
  id: 1,
  method: 'initialize',
  params: { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 'a-host', version: '1.0.0' } },
})

/** Runs Node.js with coverage on. After its exit, `files` resolves with the files that it loaded, and `loaded` with their packages. */
function start(...args: string[]) {
  const folder = mkdtempSync(join(tmpdir(), 'midsentence-coverage-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  const command: NodeProcess = node(args, { typing: true, env: { NODE_V8_COVERAGE: folder } })
  const urls = command.ended.then(({ code, stderr }): readonly string[] => {
    expect([args, code, stderr]).toEqual([args, 0, ''])
    const reports = readdirSync(folder).map(file => JSON.parse(readFileSync(join(folder, file), 'utf8')))
    return reports.flatMap(({ result }) => result.map(({ url }: { url: string }) => url))
  })
  return {
    command,
    loaded: urls.then(urls => [...new Set(urls.flatMap(packageOf))].sort()),
    files: urls.then(urls => urls.filter(url => url.startsWith('file:')).map(url => fileURLToPath(url))),
  }
}

/** Returns the package of a loaded file. Files of Node.js itself have other URLs. */
function packageOf(url: string): readonly string[] {
  const found = /.*\/node_modules\/((?:@[^/]+\/)?[^/]+)|\/packages\/([^/]+)\//.exec(url)
  return url.startsWith('file:') && found ? [found[1] ?? `packages/${found[2]}`] : []
}

const commands =
  'serve join chat agent mcp demo debate watch record conformance arena admin backup verify export import'.split(' ')

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
  const { command, loaded } = start(compiled, 'mcp', '--name', 'Claude', '--journal', join(tmpdir(), 'never-written'))
  command.type(`${initialize}\n`)
  await command.says('"serverInfo"')
  command.endInput()
  const ours = (await loaded).filter(name => name.startsWith('packages/'))
  expect(ours).toEqual(['packages/agent', 'packages/cli', 'packages/mcp'])
  const outside = (await loaded).filter(name => !name.startsWith('packages/'))
  expect(outside).toContain('@modelcontextprotocol/server')
  expect(outside.filter(name => !/^(@modelcontextprotocol\/|zod$|@hono\/node-server$)/.test(name))).toEqual([])
})

test('serve --memory loads neither the store, the client, MCP nor an SDK of models', async () => {
  const { command, loaded } = start(compiled, 'serve', '--memory', '--port', '0')
  await command.says('serves at')
  command.kill('SIGTERM')
  const ours = ['packages/cli', 'packages/core', 'packages/server', 'packages/transport-sse', 'packages/transport-ws']
  expect((await loaded).filter(name => name.startsWith('packages/'))).toEqual(ours)
  expect((await loaded).filter(name => /lmdb|^ai$|@ai-sdk|modelcontextprotocol|pino/.test(name))).toEqual([])
})

test('mcp as packed loads less than 480 kB until initialize is answered', async () => {
  const { command, files } = start(bin, 'mcp', '--name', 'Claude', '--journal', join(tmpdir(), 'never-written'))
  command.type(`${initialize}\n`)
  await command.says('"serverInfo"')
  command.endInput()
  const bytes = (await files).filter(file => file.includes('/bundle/')).map(file => statSync(file).size)
  expect(bytes.length).toBeGreaterThan(5)
  expect(bytes.reduce((sum, each) => sum + each, 0)).toBeLessThan(480_000)
})
