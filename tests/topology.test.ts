import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { builtinModules } from 'node:module'
import { basename, join, posix } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import { expect, test } from 'vitest'
import { circlesIn, graphOf, importsOf, specifiersIn, upwardIn } from './topology/imports.ts'
import { crowdedFolders, longFiles } from './topology/sizes.ts'

const root = fileURLToPath(new URL('..', import.meta.url))
const packages = join(root, 'packages')

interface PackageRule {
  /** Workspace packages that the sources may import. */
  readonly may: readonly string[]
  /** Entry points in the manifest. Undefined for a private package, which users do not install. */
  readonly exports?: readonly string[]
  /** Entry points for tests of this repository, which are not published. */
  readonly internal?: readonly string[]
}

/** The packages: what each may import and what it exports. Change this table in the commit that argues for the change. */
const packageRules: Record<string, PackageRule> = {
  core: { may: [], exports: ['.', './hub', './rpc-client', './wire'] },
  'transport-mock': { may: ['core'], exports: ['.'] },
  'transport-sse': { may: ['core'], exports: ['./client', './server', './legacy'] },
  'transport-ws': { may: ['core'], exports: ['./client', './server'] },
  'store-lmdb': { may: ['core'], exports: ['.'] },
  'cluster-nats': { may: ['core'], exports: ['.'] },
  conformance: {
    may: ['core'],
    exports: ['.', './black-box', './history', './simulation'],
    // Rules of functions that no user replaces.
    internal: ['./functions'],
  },
  // Compares policies over the hub itself.
  arena: { may: ['core'], exports: ['.'] },
  client: { may: ['core', 'transport-sse', 'transport-ws'], exports: ['.', './node'] },
  server: { may: ['core', 'transport-sse', 'transport-ws'], exports: ['.'] },
  agent: { may: ['core', 'client'], exports: ['.', './tools', './definitions'], internal: ['./model-texts'] },
  // The MCP server offers the same tools as agent, under the same names and with the same texts.
  mcp: { may: ['core', 'client', 'agent'], exports: ['.', './stdio'] },
  // The page. The server serves its build, and the command ships it.
  web: { may: ['core', 'client'] },
  cli: {
    may: ['core', 'client', 'conformance', 'server', 'store-lmdb', 'cluster-nats', 'agent', 'mcp', 'arena'],
    exports: [],
  },
}
packageRules.testing = { may: Object.keys(packageRules) }

/** The layers of core. A file may import its own layer and earlier ones. A file outside of all subfolders is its own layer. */
const coreLayers = [
  'errors.ts',
  'draft',
  'room',
  'score',
  'session',
  'participant',
  'ports',
  'memory',
  'link-signals.ts',
  'rpc-client',
  'machine',
  'index.ts',
  // Types that every part of the hub names.
  'hub/requests.ts',
  'hub/hub-api.ts',
  'hub/bounds.ts',
  'hub/hub-errors.ts',
  'hub/lifetime/deadline-queue.ts',
  'hub/access',
  'hub/room',
  'hub/session',
  'hub',
  'wire',
]

const FILES_PER_FOLDER = 15
const LINES_PER_FILE = 400

/** Folders that may hold more files than others, and how many. Lower these numbers; add no folder. */
const crowded: Record<string, number> = {
  'packages/core/src/rpc-client': 16,
  'packages/core/src/wire': 20,
  tests: 22,
}

const importsIn = (name: string) => importsOf(join(packages, name, 'src'))
const specifiersOf = (name: string) => [...importsIn(name).values()].flat()
const manifest = (name: string) => JSON.parse(readFileSync(join(packages, name, 'package.json'), 'utf8'))
const ours = (specifier: string) => /^@midsentence\/([a-z-]+)/.exec(specifier)?.[1]

/** Every source and test, by path in the repository, with its text. */
const sources = [...Object.keys(packageRules).map(name => `packages/${name}/src`), 'tests', 'scripts', 'bench']
  .filter(folder => existsSync(join(root, folder)))
  .flatMap(folder =>
    readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
      .filter(file => /\.(tsx?|mjs)$/.test(file))
      .map(file => ({ path: posix.join(folder, file), text: readFileSync(join(root, folder, file), 'utf8') })),
  )

test('these are the packages, and this is what they export', () => {
  expect(readdirSync(packages).sort()).toEqual(Object.keys(packageRules).sort())
  for (const [name, { exports, internal = [] }] of Object.entries(packageRules)) {
    if (!exports) continue
    expect([name, Object.keys(manifest(name).exports ?? {}).sort()]).toEqual([name, [...exports, ...internal].sort()])
    expect([name, Object.keys(manifest(name).publishConfig?.exports ?? {})]).toEqual([name, exports])
  }
})

test.each(Object.entries(packageRules))(
  '%s imports only the packages that it may, and that its manifest names',
  (name, { may }) => {
    const imported = specifiersOf(name)
    const others = new Set(imported.map(ours).filter(other => other !== undefined))
    expect([...others].filter(other => !may.includes(other))).toEqual([])
    const { dependencies = {}, peerDependencies = {} } = manifest(name)
    const outside = imported
      .filter(specifier => !/^[.#]|^node:/.test(specifier))
      .map(specifier =>
        specifier
          .split('/')
          .slice(0, specifier.startsWith('@') ? 2 : 1)
          .join('/'),
      )
    expect(outside.filter(dependency => !(dependency in dependencies) && !(dependency in peerDependencies))).toEqual([])
  },
)

test.each(Object.keys(packageRules))('%s has no import circle', name => {
  expect(circlesIn(graphOf(importsIn(name)))).toEqual([])
})

test('core imports nothing of Node.js, and its layers import in one direction', () => {
  const imports = importsIn('core')
  const ofNode = [...imports.values()].flat().filter(name => name.startsWith('node:') || builtinModules.includes(name))
  expect(ofNode).toEqual([])
  expect(upwardIn(graphOf(imports), coreLayers)).toEqual([])
})

test('no source uses AbortSignal.any or AbortSignal.timeout, which Node.js may collect before they fire', () => {
  const uses = sources.filter(
    ({ path, text }) => path.startsWith('packages/') && /\bAbortSignal\.(any|timeout)\(/.test(text),
  )
  expect(uses.map(({ path }) => path)).toEqual([])
})

test('no source or test imports a file of another package, or of the root tests, by relative path', () => {
  const outside = sources.flatMap(({ path, text }) => {
    const home = /^packages\/[^/]+\//.exec(path)?.[0]
    return specifiersIn(text)
      .filter(to => to.startsWith('.'))
      .map(to => posix.join(posix.dirname(path), to))
      .filter(to => (home ? !to.startsWith(home) : to.startsWith('packages/')))
      .map(to => `${path} -> ${to}`)
  })
  expect(outside).toEqual([])
})

test(`a folder has at most ${FILES_PER_FOLDER} files that are not tests, a file at most ${LINES_PER_FILE} lines`, () => {
  const files = sources.map(({ path, text }) => ({ path, lines: text.split('\n').length - 1 }))
  expect(crowdedFolders(files, FILES_PER_FOLDER, crowded)).toEqual([])
  expect(longFiles(files, LINES_PER_FILE)).toEqual([])
})

test('only core/src/wire imports zod', () => {
  const folders = [...importsIn('core')].flatMap(([file, to]) =>
    to.some(name => /^zod\b/.test(name)) ? file.split('/')[0] : [],
  )
  expect([...new Set(folders)]).toEqual(['wire'])
})

test('one file of server imports transports', () => {
  const composing = [...importsIn('server')].filter(([, to]) => to.some(name => ours(name)?.startsWith('transport')))
  expect(composing.map(([file]) => basename(file))).toEqual(['start-server.ts'])
})

test.each(['draft', 'room', 'session', 'participant'])(
  'core/src/%s is pure: no library, no promise, no clock',
  folder => {
    const at = join(packages, 'core', 'src', folder)
    const imports = importsOf(at)
    expect(imports.size).toBeGreaterThan(0)
    expect([...imports.values()].flat().filter(specifier => !specifier.startsWith('.'))).toEqual([])
    for (const file of imports.keys()) {
      const code = readFileSync(join(at, file), 'utf8').replace(/\/\*[\s\S]*?\*\/|\/\/.*/g, '')
      expect([file, code.match(/\basync\b|\bawait\b|Promise|Date\.now|Math\.random|setTimeout/)?.[0]]).toEqual([
        file,
        undefined,
      ])
    }
  },
)

test('the browser bundle of client contains no zod, no ws and nothing of Node.js', async () => {
  const { metafile } = await build({
    entryPoints: [join(packages, 'client', 'src', 'index.ts')],
    bundle: true,
    write: false,
    metafile: true,
    platform: 'browser',
    format: 'esm',
    conditions: ['@midsentence/source', 'browser', 'production'],
    logLevel: 'silent',
  })
  const inputs = Object.keys(metafile.inputs)
  for (const transport of ['transport-sse', 'transport-ws']) {
    expect(inputs.some(input => input.includes(transport))).toBe(true)
  }
  const ofNode = /node_modules\/(zod|ws)\/|(stream-fetch|web-socket)\.ts$|client\/src\/node\//
  expect(inputs.filter(input => ofNode.test(input))).toEqual([])
  const outside = Object.values(metafile.inputs).flatMap(({ imports }) => imports.filter(({ external }) => external))
  expect(outside).toEqual([])
})
