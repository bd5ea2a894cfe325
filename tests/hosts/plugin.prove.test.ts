import { execFile } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { toolDefinitions } from '@midsentence/agent/tools'
import { expect, onTestFinished, test } from 'vitest'
import { installGlobally } from '../install/global-command.ts'
import { serving } from '../midsentence.ts'
import { packages, root } from '../pack/packages.ts'
import { Listener } from './blind-turns.ts'
import { runHost } from './host-run.ts'
import { installed } from './install.ts'
import { type HostProgram, programs } from './programs.ts'

const claude = programs.find(({ name }) => name === 'Claude Code')!
const run = promisify(execFile)

async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'midsentence-plugin-'))
  onTestFinished(() => rm(folder, { recursive: true, maxRetries: 3 }))
  return folder
}

/** Packs the command and installs it as its users do. */
async function globalCommand(): Promise<Readonly<Record<string, string>>> {
  const folder = await temporaryFolder()
  await run(process.execPath, [join(root, 'scripts/pack.mjs'), folder], { cwd: root })
  return installGlobally(join(folder, packages.find(({ name }) => name === 'midsentence')!.tarball), folder)
}

test.each(['plugin', '.'])('Claude Code finds the manifests in %s valid, without a warning', async path => {
  const bin = await installed(claude.package)
  const env = { PATH: process.env.PATH!, HOME: await temporaryFolder(), ...claude.env('http://127.0.0.1:9', '') }
  const { stdout } = await run(join(bin, 'claude'), ['plugin', 'validate', '--strict', path], { cwd: root, env })
  expect(stdout).toContain('Validation passed')
})

test('the plugin lines of docs/mcp-hosts.md let the model of Claude Code speak, by the real npx', async () => {
  const [commands, global, { url }] = await Promise.all([installed(claude.package), globalCommand(), serving()])
  const names = toolDefinitions.map(({ name }) => `mcp__plugin_midsentence_midsentence__${name}`)
  const plugin: HostProgram = {
    ...claude,
    name: 'Claude Code plugin',
    env: (model, home) => ({
      ...claude.env(model, home),
      ...global,
      PATH: `${commands}:${global.PATH}`,
      MIDSENTENCE_URL: url,
    }),
    opening: ['ToolSearch', { query: `select:${names}` }],
  }
  const ada = await Listener.join(url)
  const host = await runHost(plugin, commands, url)
  expect(host.model.shown.tools.map(({ name }) => name)).toEqual(expect.arrayContaining(names))
  const results = await host.model.calls(['append', { text: 'By plugin.' }], ['push'])
  host.model.says('That is all.')
  const printed = await host.ended
  await ada.close()
  expect(ada.heard, [...results, printed].join('\n')).toEqual(['Claude: By plugin.'])
})
