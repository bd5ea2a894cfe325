import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { vAny } from '@anthropic-ai/mcpb/schemas'
import { toolDefinitions } from '@midsentence/agent/tools'
import { expect, test } from 'vitest'
// @ts-expect-error: plain JavaScript, since `npm run generate:install` runs it as it is
import { files as generated } from '../../scripts/install/files.mjs'
// @ts-expect-error: plain JavaScript
import { bundleManifest } from '../../scripts/install/manifests.mjs'
// @ts-expect-error: plain JavaScript
import { configuration, hosts, server, serverArgs } from '../../scripts/install/server.mjs'
import { documentedServers } from './documented-servers.ts'
import { pluginFormat, pluginServersFormat, registryFormat, skillFormat } from './formats.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))
const read = (path: string) => readFileSync(root + path, 'utf8')
const readJson = (path: string) => JSON.parse(read(path))
const files = generated as Readonly<Record<string, string>>
const { version, mcpName, name } = readJson('packages/cli/package.json')

test.each(Object.entries(files))('%s is what `npm run generate:install` writes', (path, text) => {
  expect(read(path)).toBe(text)
})

test('the plugin has no other files', () => {
  const found = readdirSync(`${root}plugin`, { recursive: true, withFileTypes: true }).filter(entry => entry.isFile())
  const paths = found.map(entry => `${entry.parentPath}/${entry.name}`.slice(root.length)).sort()
  expect(paths).toEqual(
    Object.keys(files)
      .filter(path => path.startsWith('plugin/'))
      .sort(),
  )
})

test('server.json is in the format of the MCP registry, and names the package that names it', () => {
  const manifest = registryFormat.parse(readJson('server.json'))
  expect(manifest.name).toBe(mcpName)
  expect(manifest.packages).toMatchObject([{ identifier: name, version }])
  expect(manifest.version).toBe(version)
})

test('the plugin is in the format of Agent Plugins 1.0, and of Claude Code', () => {
  const manifest = pluginFormat.parse(readJson('plugin/plugin.json'))
  const { $schema, ...fields } = manifest
  expect(readJson('plugin/.claude-plugin/plugin.json')).toEqual(fields)
  const { mcpServers } = pluginServersFormat.parse(readJson('plugin/mcp.json'))
  const { type, args, ...portable } = mcpServers.midsentence!
  const claude = readJson('plugin/.mcp.json').mcpServers.midsentence
  expect({ ...portable, args: args.with(-1, hosts['Claude Code'].participant) }).toEqual(claude)
  const { plugins } = readJson('.claude-plugin/marketplace.json')
  expect(plugins).toMatchObject([{ name: manifest.name, source: './plugin', version }])
})

test('the skill is in the format of Agent Skills, and lists the tools', () => {
  const [, fields, text] = /^---\n([\s\S]*?)\n---\n([\s\S]*)$/.exec(read('plugin/skills/midsentence/SKILL.md'))!
  const entries = fields!.split('\n').map(field => /^(\w+): (.*)$/.exec(field)!.slice(1) as [string, string])
  // The format wants the name of the folder.
  expect(skillFormat.parse(Object.fromEntries(entries)).name).toBe('midsentence')
  const listed = [...text!.matchAll(/^\| `(\w+)` \|/gm)].map(([, tool]) => tool)
  expect(listed).toEqual(toolDefinitions.map(tool => tool.name))
})

test('the manifest of the bundle is in the format of its packer', () => {
  expect(vAny.McpbManifestSchema.parse(bundleManifest)).toEqual(bundleManifest)
})

test.each(Object.keys(hosts))('every line, setting and link of %s on docs/mcp-hosts.md has one configuration', host => {
  const found = documentedServers().filter(server => server.host === host)
  expect(found.length).toBeGreaterThan(0)
  for (const { from, command, args } of found) expect({ from, command, args }).toEqual({ from, ...configuration(host) })
})

test('the hosts that docs/models.md was seen in show the server with the name of a tool, so that it needs no prefix', () => {
  const cells = /^\| `push` is shown as \|(.*)\|$/m.exec(read('docs/models.md'))![1]!.split('|')
  expect(cells).toHaveLength(4)
  for (const cell of cells) expect(cell).toMatch(/midsentence.*push/)
})

test('the hosts that take links have one', () => {
  const linked = documentedServers().filter(({ from }) => from === 'link')
  expect(linked.map(({ host }) => host)).toEqual(['VS Code', 'Cursor', 'LM Studio'])
})

test.each(['README.md', 'packages/mcp/README.md'])('%s starts the server with the arguments of Claude Code', path => {
  const [, block] = /^```json\n([\s\S]*?)^```$/m.exec(read(path))!
  const { args } = JSON.parse(block!).mcpServers.midsentence
  const expected = serverArgs(hosts['Claude Code'], server.url)
  expect(args.slice(1, 1 + expected.length)).toEqual(expected)
})
