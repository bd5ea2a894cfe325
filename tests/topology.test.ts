import { readdirSync, readFileSync } from 'node:fs'
import { builtinModules } from 'node:module'
import { basename, dirname, join, relative, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import { expect, test } from 'vitest'

const root = fileURLToPath(new URL('..', import.meta.url))
const packages = join(root, 'packages')

/** The house: which package may import which of ours, and what each hands out. An addition is argued for, then made here. */
const house: Record<string, { readonly may: readonly string[]; readonly exports: readonly string[] }> = {
  core: { may: [], exports: ['.', './hub', './line', './wire'] },
  'transport-mock': { may: ['core'], exports: ['.'] },
  'transport-sse': { may: ['core'], exports: ['./client', './server', './seed'] },
  'transport-ws': { may: ['core'], exports: ['./client', './server'] },
  'store-lmdb': { may: ['core'], exports: ['.'] },
  conformance: { may: ['core'], exports: ['.', './black-box', './history', './simulation'] },
  client: { may: ['core', 'transport-sse', 'transport-ws'], exports: ['.', './node'] },
  server: { may: ['core', 'transport-sse', 'transport-ws'], exports: ['.'] },
  agent: { may: ['core', 'client'], exports: ['.', './tools', './definitions'] },
  mcp: { may: ['core', 'client', 'agent'], exports: ['.', './stdio'] },
  cli: { may: ['core', 'client', 'conformance', 'server', 'store-lmdb', 'agent', 'mcp'], exports: [] },
}

/** Inside core a folder may import those to its left, and itself. */
const floors = ['errors.ts', 'draft', 'room', 'ports', 'line', 'machine', 'memory', 'index.ts', 'hub', 'wire']

/** Looked at by types alone, or handed out as a default: arrows that run back up on purpose. */
const upward = new Set(['ports -> machine', 'machine -> memory', 'draft -> room'])

interface Import {
  readonly from: string
  readonly what: string
  readonly typeOnly: boolean
}

function importsOf(folder: string): Import[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter(file => file.endsWith('.ts') && !file.includes('.test.'))
    .flatMap(file => {
      const text = readFileSync(join(folder, file), 'utf8')
      return [...text.matchAll(/^(?:import|export) (type )?[^'"]*?from '([^']+)'/gm)].map(([, type, what]) => ({
        from: join(folder, file),
        what: what!,
        typeOnly: type !== undefined,
      }))
    })
}

const manifest = (name: string) => JSON.parse(readFileSync(join(packages, name, 'package.json'), 'utf8'))
const ours = (what: string) => /^@midsentence\/([a-z-]+)/.exec(what)?.[1]

test('these are the packages, and this is what they hand out', () => {
  expect(readdirSync(packages).sort()).toEqual(Object.keys(house).sort())
  for (const [name, { exports }] of Object.entries(house)) {
    expect([name, Object.keys(manifest(name).exports ?? {})]).toEqual([name, exports])
    expect([name, Object.keys(manifest(name).publishConfig?.exports ?? {})]).toEqual([name, exports])
  }
})

test('a package imports only what it may, and only what its manifest names', () => {
  for (const [name, { may }] of Object.entries(house)) {
    const imported = importsOf(join(packages, name, 'src')).map(({ what }) => what)
    const others = new Set(imported.map(ours).filter(other => other !== undefined))
    expect([name, [...others].filter(other => !may.includes(other))]).toEqual([name, []])
    const { dependencies = {}, peerDependencies = {} } = manifest(name)
    const outside = imported
      .filter(what => !/^[.#]|^node:/.test(what))
      .map(what =>
        what
          .split('/')
          .slice(0, what.startsWith('@') ? 2 : 1)
          .join('/'),
      )
    expect([name, outside.filter(what => !(what in dependencies) && !(what in peerDependencies))]).toEqual([name, []])
  }
})

test('core knows no I/O, and its folders lean on each other in one direction', () => {
  const src = join(packages, 'core', 'src')
  const wrong = importsOf(src).flatMap(({ from, what, typeOnly }) => {
    if (what.startsWith('node:') || builtinModules.includes(what)) return [`${relative(src, from)} imports ${what}`]
    if (!what.startsWith('.')) return []
    const [here, there] = [from, resolve(dirname(from), what)].map(file => relative(src, file).split('/')[0]!)
    const up = floors.indexOf(there!) > floors.indexOf(here!)
    return up && !typeOnly && !upward.has(`${here} -> ${there}`) ? [`${relative(src, from)} imports ${what}`] : []
  })
  expect(wrong).toEqual([])
})

test('zod is looked at in core/src/wire alone', () => {
  const src = join(packages, 'core', 'src')
  const folders = new Set(
    importsOf(src).flatMap(({ from, what }) => (/^zod\b/.test(what) ? [relative(src, from).split('/')[0]] : [])),
  )
  expect([...folders]).toEqual(['wire'])
})

test('the front door knows no transport: they meet in one file', () => {
  const imports = importsOf(join(packages, 'server', 'src'))
  const composing = imports.filter(({ what }) => ours(what)?.startsWith('transport')).map(({ from }) => basename(from))
  expect([...new Set(composing)]).toEqual(['start-server.ts'])
})

test('draft and room are pure: no library, no promise, no clock', () => {
  for (const folder of ['draft', 'room']) {
    const at = join(packages, 'core', 'src', folder)
    for (const { what } of importsOf(at)) expect(what).toMatch(/^\.\.?\//)
    for (const file of readdirSync(at).filter(file => !file.includes('.test.'))) {
      const code = readFileSync(join(at, file), 'utf8').replace(/\/\*[\s\S]*?\*\/|\/\/.*/g, '')
      expect([file, code.match(/\basync\b|\bawait\b|Promise|Date\.now|Math\.random|setTimeout/)?.[0]]).toEqual([
        file,
        undefined,
      ])
    }
  }
})

test('what a browser loads of client holds no zod, no ws and nothing of Node', async () => {
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
