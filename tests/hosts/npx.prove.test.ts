import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { toolDefinitions } from '@midsentence/agent/tools'
import { afterAll, expect, onTestFinished, test } from 'vitest'
import { installGlobally } from '../install/global-command.ts'
import { serving } from '../midsentence.ts'
import { packages, root } from '../pack/packages.ts'
import { Listener } from './blind-turns.ts'
import { type DocumentedLines, documentedWays } from './documented-lines.ts'
import { type HostRun, runHost } from './host-run.ts'
import { installed } from './install.ts'
import { type HostProgram, programs } from './programs.ts'

const run = promisify(execFile)
const folder = await mkdtemp(join(tmpdir(), 'midsentence-npx-'))
afterAll(() => rm(folder, { recursive: true }))
await run(process.execPath, [join(root, 'scripts/pack.mjs'), folder], { cwd: root })
const { tarball } = packages.find(({ name }) => name === 'midsentence')!
const global = await installGlobally(join(folder, tarball), folder)

const [claude, codex] = programs as readonly [HostProgram, HostProgram]
const names = toolDefinitions.map(({ name }) => name)

async function temporaryHome(): Promise<string> {
  const home = await mkdtemp(join(tmpdir(), 'midsentence-home-'))
  onTestFinished(() => rm(home, { recursive: true, maxRetries: 3 }))
  return home
}

/** Runs the lines of docs/mcp-hosts.md as they are: the host starts the packed command by npx. */
async function runByNpx(program: HostProgram, url: string): Promise<HostRun> {
  const commands = await installed(program.package)
  const byNpx: HostProgram = {
    ...program,
    npx: true,
    env: (model, home) => ({
      ...program.env(model, home),
      ...global,
      PATH: `${commands}:${global.PATH}`,
      MIDSENTENCE_URL: url,
    }),
    // Codex gives servers few variables of its environment.
    files: model => ({ ...program.files?.(model), '.npmrc': `prefix=${global.npm_config_prefix}\n` }),
  }
  return runHost(byNpx, commands, url)
}

const claudePlugin: HostProgram = {
  ...claude,
  name: 'Claude Code plugin',
  opening: ['ToolSearch', { query: `select:${names.map(name => `mcp__plugin_midsentence_midsentence__${name}`)}` }],
}

const toolsOf = ({ model }: HostRun) =>
  model.shown.tools.flatMap(({ name }) => /midsentence.*[_ ](\w+)$/.exec(name)?.[1] ?? [])

test.each([...programs, claudePlugin])(
  '$name shows the tools in the first turn, and its model speaks',
  async program => {
    const { url } = await serving()
    const ada = await Listener.join(url)
    const host = await runByNpx(program, url)
    expect(toolsOf(host).sort()).toEqual(names.toSorted())
    const results = await host.model.calls(['append', { text: 'By npx.' }], ['push'])
    host.model.says('That is all.')
    const printed = await host.ended
    await ada.close()
    expect(ada.heard, [...results, printed].join('\n')).toEqual([`${program.participant}: By npx.`])
  },
)

test('Codex installs the plugin by the lines of docs/mcp-hosts.md, and reads its server', async () => {
  const bin = await installed(codex.package)
  const env = { PATH: `${bin}:${process.env.PATH}`, HOME: await temporaryHome() }
  const [{ lines }] = documentedWays('Codex plugin', [], '') as [DocumentedLines]
  await run('sh', ['-ec', lines], { cwd: env.HOME, env })
  const { stdout } = await run('codex', ['mcp', 'list', '--json'], { cwd: env.HOME, env })
  const { mcpServers } = JSON.parse(await readFile(join(root, 'plugin/mcp.json'), 'utf8'))
  expect(JSON.parse(stdout)).toMatchObject([{ name: 'midsentence', enabled: true, transport: mcpServers.midsentence }])
})

test.each(['plugin', '.'])('Claude Code finds the manifests in %s valid, without a warning', async path => {
  const command = join(await installed(claude.package), 'claude')
  const env = { PATH: process.env.PATH!, HOME: await temporaryHome(), ...claude.env('http://127.0.0.1:9', '') }
  const { stdout } = await run(command, ['plugin', 'validate', '--strict', path], { cwd: root, env })
  expect(stdout).toContain('Validation passed')
})
