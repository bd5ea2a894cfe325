import { readFileSync } from 'node:fs'
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join, normalize } from 'node:path'
import { toolDefinitions } from '@midsentence/agent/tools'
import { Client } from '@modelcontextprotocol/client'
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio'
import { publint } from 'publint'
import { formatMessage } from 'publint/utils'
import { afterAll, describe, expect, test } from 'vitest'
import { documentedServers, type McpCommand } from './install/documented-servers.ts'
import { installGlobally } from './install/global-command.ts'
import { type CommandResult, command } from './pack/command.ts'
import { packages, root } from './pack/packages.ts'
import { programs } from './pack/programs.ts'

const exported = packages.flatMap(each => each.exports)
const fileOf = (specifier: string) => `${specifier.replace('@midsentence/', '').replace('/', '-')}.mjs`

const { tarballs, consumer, packed, missing } = await packAndInstall()
const skipped = missing !== undefined
if (skipped) console.warn(`Skipped: packing the packages and installing the tarballs, since ${missing}.`)

test.skipIf(skipped)('packing writes a tarball of every package and prints its size', async () => {
  expect((await readdir(tarballs)).sort()).toEqual(packages.map(each => each.tarball).sort())
  const lines = packed.trimEnd().split('\n')
  expect(lines).toHaveLength(packages.length)
  for (const line of lines) expect(line).toMatch(/^ *\d+\.\d kB {2}tarballs\/midsentence[a-z0-9.-]+\.tgz$/)
})

for (const { name, tarball, exports } of packages)
  describe.skipIf(skipped)(`${name}, packed`, () => {
    const installed = join(consumer, 'node_modules', name)
    const files = async () =>
      (await readdir(installed, { recursive: true, withFileTypes: true }))
        .filter(entry => entry.isFile())
        .map(entry => join(entry.parentPath, entry.name).slice(installed.length + 1))
    const text = (file: string) => readFile(join(installed, file), 'utf8')
    const manifest = async () => JSON.parse(await text('package.json'))

    test('contains its licence, documents, build and sources, and no other file', async () => {
      const all = await files()
      expect(all).toEqual(expect.arrayContaining(['LICENSE', 'README.md', 'package.json']))
      expect(await text('LICENSE')).toBe(await readFile(join(root, 'LICENSE'), 'utf8'))
      const known =
        /^(LICENSE|[A-Z]+\.md|package\.json|bin\/[a-z-]+\.js|bundle\/.+|golden\/.+|dist\/.+(\.d\.ts|\.js)(\.map)?|src\/.+(?<!\.test)\.ts)$/
      expect(all.filter(file => !known.test(file))).toEqual([])
    })

    test('has a manifest that names only built files, and no part of the workspace', async () => {
      const { exports: paths = {}, imports = {}, bin = {} } = await manifest()
      expect(JSON.stringify(await manifest())).not.toMatch(/workspace:|catalog:|@midsentence\/source|"file:/)
      expect(Object.keys(paths).map(path => name + path.slice(1))).toEqual(exports)
      const targets = [...strings(paths), ...strings(imports)]
      for (const target of targets) expect(target).toMatch(/^\.\/dist\/.+(\.d\.ts|\.js)$/)
      expect(await files()).toEqual(expect.arrayContaining([...targets, ...strings(bin)].map(normalize)))
    })

    // The command is published as a bundle, without maps.
    test.skipIf(exports.length === 0)('has a source map for each built file, and the sources', async () => {
      const all = new Set(await files())
      const built = [...all].filter(file => /^dist\/.*(\.js|\.d\.ts)$/.test(file))
      expect(built).not.toEqual([])
      for (const file of built) {
        const map = `${file}.map`
        expect(await text(file)).toContain(`//# sourceMappingURL=${map.slice(dirname(map).length + 1)}`)
        const { sources } = JSON.parse(await text(map))
        expect(sources).toHaveLength(1)
        expect(all).toContain(join(dirname(map), sources[0]))
      }
    })

    test('passes publint', async () => {
      const { buffer } = new Uint8Array(await readFile(join(tarballs, tarball)))
      const { messages, pkg } = await publint({ pack: { tarball: buffer }, strict: true })
      expect(messages.map(message => formatMessage(message, pkg, { color: false }))).toEqual([])
    })

    // A package without exports has no types to resolve.
    test.skipIf(exports.length === 0)('has types for every export, in each module resolution', async () => {
      const attw = join(root, 'node_modules/.bin/attw')
      const { code, output } = await command(root, attw, '--profile', 'esm-only', '--no-emoji', join(tarballs, tarball))
      expect(output, output).toContain('(ESM)')
      expect(code, output).toBe(0)
    })
  })

describe.skipIf(skipped)('npm installs the tarballs in an empty folder', () => {
  test.for(exported)('the program for %s exits with 0', async specifier => {
    expect(programs, `Write a program for ${specifier} in tests/pack/programs.ts.`).toHaveProperty([specifier])
    const { code, output } = await command(consumer, process.execPath, fileOf(specifier))
    expect([code, output]).toEqual([0, ''])
  })

  test.for([
    ['nodenext', 'nodenext'],
    ['esnext', 'bundler'],
  ])('the types of every export compile under module %s with resolution %s', async ([module, moduleResolution]) => {
    const resolution = { module, moduleResolution, target: 'es2023', types: ['node'] }
    const strictness = { strict: true, skipLibCheck: false, allowJs: true, checkJs: true, noEmit: true }
    const files = ['every.ts', ...exported.filter(specifier => specifier in programs).map(fileOf)]
    const config = join(consumer, `tsconfig.${moduleResolution}.json`)
    await writeFile(config, JSON.stringify({ compilerOptions: { ...resolution, ...strictness }, files }))
    const tsc = join(root, 'node_modules/typescript/bin/tsc')
    const { code, output } = await command(consumer, process.execPath, tsc, '-p', config)
    expect([code, output]).toEqual([0, ''])
  })

  test('the command prints its help', async () => {
    const { code, output } = await command(consumer, 'npx', '--no-install', 'midsentence', '--help')
    expect(output).toContain('midsentence demo')
    expect(code).toBe(0)
  })
})

describe.skipIf(skipped)('npm installs the command globally', () => {
  const prefix = join(dirname(consumer), 'prefix')
  const servers = documentedServers().filter(({ from }) => from === 'settings')
  const plugins = ['mcp.json', '.mcp.json'].map(file => ({ host: `plugin/${file}`, ...pluginServer(file) }))

  test('its manifest names it in the MCP registry', async () => {
    const text = await readFile(join(consumer, 'node_modules/midsentence/package.json'), 'utf8')
    expect(JSON.parse(text).mcpName).toMatch(/^io\.github\.[a-z]+\/midsentence$/)
  })

  test('npx starts the server as the settings of each host say', async () => {
    await mkdir(prefix)
    const global = await installGlobally(
      join(tarballs, packages.find(({ name }) => name === 'midsentence')!.tarball),
      prefix,
    )
    for (const { host, command, args } of [...servers, ...plugins]) {
      const client = new Client({ name: 'a-host', version: '1.0.0' })
      await client.connect(new StdioClientTransport({ command, args: [...args], env: { ...global, HOME: prefix } }))
      const tools = (await client.listTools()).tools.map(({ name }) => name)
      await client.close()
      const prefixed = args.includes('--tool-prefix') ? 'chat_' : ''
      expect([host, tools]).toEqual([host, toolDefinitions.map(({ name }) => prefixed + name)])
    }
  })
})

describe.skipIf(skipped)('an app with the oldest supported rxjs and xstate', () => {
  const app = join(dirname(consumer), 'app')

  test('gets one copy of each, compiles and runs', async () => {
    await mkdir(app)
    const used = packages.filter(({ name }) => /\/(core|client|transport-mock)$/.test(name))
    const ours = packages.filter(({ name }) => /\/(core|client|transport-(mock|sse|ws))$/.test(name))
    const tarball = ({ name, tarball }: { name: string; tarball: string }) => [name, `file:${join(tarballs, tarball)}`]
    const manifest = {
      ...{ private: true, type: 'module' },
      dependencies: {
        ...Object.fromEntries(used.map(tarball)),
        rxjs: '7.8.1',
        xstate: '5.28.0',
        '@types/node': '^20.19.0',
      },
      overrides: Object.fromEntries(ours.map(tarball)),
    }
    await writeFile(join(app, 'package.json'), JSON.stringify(manifest))
    await writeFile(join(app, 'app.ts'), appWithStreams)
    await outputOf(command(app, 'npm', 'install', '--no-audit', '--no-fund', '--prefer-offline'))
    const copies = (await readdir(join(app, 'node_modules'), { recursive: true }))
      .filter(path => /(^|node_modules\/)(rxjs|xstate)\/package\.json$/.test(path))
      .sort()
    expect(copies).toEqual(['rxjs/package.json', 'xstate/package.json'])
    const version = async (name: string) =>
      JSON.parse(await readFile(join(app, 'node_modules', name, 'package.json'), 'utf8')).version
    expect([await version('rxjs'), await version('xstate')]).toEqual(['7.8.1', '5.28.0'])
    const tsc = join(root, 'node_modules/typescript/bin/tsc')
    const flags = ['--strict', '--module', 'nodenext', '--target', 'es2023', '--types', 'node', 'app.ts']
    expect(await command(app, process.execPath, tsc, ...flags)).toEqual({ code: 0, output: '' })
    expect(await command(app, process.execPath, 'app.js')).toEqual({ code: 0, output: 'anyone here?\n' })
  })
})

/** A program whose types mix those of the app's rxjs and xstate with ours. */
const appWithStreams = `
import { connect } from '@midsentence/client'
import { type Message, participantMachine, type View } from '@midsentence/core'
import { mockRoom } from '@midsentence/transport-mock'
import { firstValueFrom, map, type Observable } from 'rxjs'
import { createActor, type InspectionEvent } from 'xstate'

const seen: InspectionEvent[] = []
const transport = mockRoom().peer()
const ada = await connect('', { username: 'Ada', transport, inspect: event => void seen.push(event) })
const views: Observable<View> = ada.state$
const messages: Observable<Message> = ada.messages$
const first = firstValueFrom(messages.pipe(map(({ content }) => content)))
await ada.append('anyone here?')
const answer = await ada.push()
if (answer.status !== 1 || answer.message_id === '' || seen.length === 0) throw new Error('It was not sent.')
if ((await firstValueFrom(views)).draft.length > 0) throw new Error('The draft is not empty.')
const capabilities = { conditional: true, resume: true, keys: true }
const actor = createActor(participantMachine, { input: { state: ada.state, capabilities } }).start()
if (!actor.getSnapshot().matches({ draft: { drafting: 'empty' } })) throw new Error('The machine is elsewhere.')
actor.stop()
console.log(await first)
await ada.close()
`

/** Reads a server of the plugin. */
function pluginServer(file: string): McpCommand {
  return JSON.parse(readFileSync(join(root, 'plugin', file), 'utf8')).mcpServers.midsentence
}

/** Packs the built packages, despite leftovers of an earlier build, and installs them beside one program per export. */
async function packAndInstall() {
  const folder = await mkdtemp(join(tmpdir(), 'midsentence-pack-'))
  const tarballs = join(folder, 'tarballs')
  const consumer = join(folder, 'consumer')
  for (const each of [tarballs, consumer]) await mkdir(each)
  const oldBuild = join(root, 'packages/core/dist/left-over.js')
  for (const file of [join(tarballs, 'midsentence-0.0.0.tgz'), oldBuild]) await writeFile(file, '')
  try {
    const packed = await outputOf(command(root, process.execPath, 'scripts/pack.mjs', tarballs))
    await writeConsumer(consumer, tarballs)
    await outputOf(command(consumer, 'npm', 'install', '--no-audit', '--no-fund', '--prefer-offline'))
    afterAll(() => rm(folder, { recursive: true }))
    return { tarballs, consumer, packed }
  } catch (error) {
    await rm(folder, { recursive: true })
    return { tarballs, consumer, packed: '', missing: unreachable(error as Error) }
  } finally {
    await rm(oldBuild, { force: true })
  }
}

async function writeConsumer(consumer: string, tarballs: string) {
  const version = async (name: string): Promise<string> =>
    JSON.parse(await readFile(join(root, `node_modules/${name}/package.json`), 'utf8')).version
  // Optional peers: the conformance kit needs vitest, and `converse` needs the AI SDK.
  const peers = { vitest: await version('vitest'), ai: await version('ai') }
  const beside = { '@types/node': await version('@types/node'), ...peers }
  const ours = Object.fromEntries(packages.map(({ name, tarball }) => [name, `file:${join(tarballs, tarball)}`]))
  // The packages are on no registry, so the overrides resolve their dependencies to the tarballs.
  const manifest = { private: true, dependencies: { ...ours, ...beside }, overrides: ours }
  await writeFile(join(consumer, 'package.json'), JSON.stringify(manifest))
  for (const [specifier, program] of Object.entries(programs))
    await writeFile(join(consumer, fileOf(specifier)), program)
  const everything = exported.map((specifier, at) => `export * as export${at} from '${specifier}'\n`)
  await writeFile(join(consumer, 'every.ts'), everything.join(''))
}

/** Resolves with the output of a command. Rejects with it if the command failed. */
async function outputOf(ended: Promise<CommandResult>): Promise<string> {
  const { code, output } = await ended
  if (code !== 0) throw new Error(output)
  return output
}

/** Returns that the registry cannot be reached. Throws any other error, and under CI this one too. */
function unreachable(error: Error): string {
  const lost = /ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ENETUNREACH|ENOTCACHED|ERR_SOCKET_TIMEOUT/
  const code = lost.exec(error.message)?.[0]
  if (code === undefined || process.env.CI) throw error
  return `npm's registry cannot be reached (${code})`
}

/** Lists the strings in a nested object. */
function strings(value: unknown): string[] {
  return typeof value === 'string' ? [value] : Object.values(value as object).flatMap(strings)
}
