import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { homedir, tmpdir } from 'node:os'
import { join } from 'node:path'
import { getMcpConfigForManifest, unpackExtension, v0_3 } from '@anthropic-ai/mcpb'
import { startServer } from '@midsentence/server'
import { Client } from '@modelcontextprotocol/client'
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio'
import { afterAll, expect, onTestFinished, test } from 'vitest'
import { stateFolder } from '../mcp/hosts.ts'
import { command } from '../pack/command.ts'
import { root } from '../pack/packages.ts'

const folder = await mkdtemp(join(tmpdir(), 'midsentence-mcpb-'))
afterAll(() => rm(folder, { recursive: true }))
const bundle = join(folder, 'midsentence.mcpb')
const unpacked = join(folder, 'unpacked')
const packed = await command(root, process.execPath, 'scripts/install/pack-mcpb.mjs', bundle)
await unpackExtension({ mcpbPath: bundle, outputDir: unpacked, silent: true })
const manifest = v0_3.McpbManifestSchema.parse(JSON.parse(await readFile(join(unpacked, 'manifest.json'), 'utf8')))

/** Starts the server of the unpacked bundle as a host does: by its manifest, with what its user filled in. */
async function start(userConfig: Record<string, string>) {
  const config = await getMcpConfigForManifest({
    manifest,
    extensionPath: unpacked,
    systemDirs: { HOME: homedir() },
    userConfig,
    pathSeparator: '/',
  })
  const client = new Client({ name: 'a-host', version: '1.0.0' })
  const { command, args = [], env } = config!
  const state = { PATH: process.env.PATH!, XDG_STATE_HOME: await stateFolder() }
  await client.connect(new StdioClientTransport({ command, args, env: { ...env, ...state }, cwd: folder }))
  onTestFinished(() => client.close())
  return client
}

test('the official packer packs a valid manifest', () => {
  expect(packed).toEqual({ code: 0, output: `Manifest schema validation passes!\n${bundle}\n` })
})

test('the bundle has the tools of its manifest, before anything is filled in', async () => {
  const client = await start({})
  expect(client.getServerVersion()).toMatchObject({ name: manifest.name, version: manifest.version })
  const { tools } = await client.listTools()
  expect(tools.map(({ name }) => name)).toEqual(manifest.tools!.map(({ name }) => name))
  for (const { name, description } of tools) {
    const [summary] = manifest.tools!.flatMap(tool => (tool.name === name ? tool.description! : []))
    expect(description).toContain(summary!.slice(0, -1))
  }
})

test('the bundle joins the filled-in server with the name and the credential', async () => {
  const password = 'open sesame, please'
  const server = await startServer({ port: 0, password })
  onTestFinished(() => server.close())
  const client = await start({ url: server.url, name: 'Desk', credential: password })
  const { content } = await client.callTool({ name: 'chat_who', arguments: {} })
  expect(content).toEqual([{ type: 'text', text: expect.stringMatching(/^\* You are "Desk"\./) }])
})
