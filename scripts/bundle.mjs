// Bundles the command for publishing: `npm run pack` and bench/startup call it. A few files load several times faster
// than some thousand, and an installation needs only the native store.
import { cpSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'

const root = join(dirname(fileURLToPath(import.meta.url)), '..')
const packages = join(root, 'packages')
const manifestOf = folder => JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))

/** Leaves out what is never used: the texts of zod in other languages, and the validator of the MCP SDK, in whose place mcp gives one. */
const unused = {
  name: 'unused',
  setup({ onLoad }) {
    onLoad({ filter: /[\\/]zod[\\/]v4[\\/]locales[\\/]index\.js$/ }, () => ({
      contents: `export { default as en } from './en.js'`,
    }))
    onLoad({ filter: /[\\/]server[\\/]dist[\\/]ajvProvider-[\w-]+\.mjs$/ }, () => ({
      contents: `export class n { constructor() { throw new Error('Give a jsonSchemaValidator: this bundle has no default.') } }`,
    }))
  },
}

/** Bundles the compiled command into `outdir`, laid out as a package: dist/, bin/, page/ and a manifest. */
export async function bundleCommand(outdir = join(packages, 'cli', 'bundle')) {
  rmSync(outdir, { recursive: true, force: true })
  const { version, optionalDependencies } = manifestOf(join(packages, 'cli'))
  const { metafile } = await build({
    absWorkingDir: root,
    entryPoints: [
      { in: join(packages, 'cli', 'dist', 'main.js'), out: 'dist/main' },
      // `verify` reads a store in a child process, which it starts from this path.
      { in: join(packages, 'store-lmdb', 'bin', 'verify.js'), out: 'bin/verify' },
    ],
    outdir,
    chunkNames: 'dist/[name]-[hash]',
    bundle: true,
    splitting: true,
    minify: true,
    platform: 'node',
    target: 'node20',
    format: 'esm',
    legalComments: 'none',
    metafile: true,
    plugins: [unused],
    // Native packages: the store, and two that `ws` uses when they are installed.
    external: [...Object.keys(optionalDependencies), 'bufferutil', 'utf-8-validate'],
    // CommonJS packages call `require` for modules of Node.js.
    banner: { js: `import{createRequire as cR}from'node:module';const require=cR(import.meta.url);` },
    logLevel: 'warning',
  })
  // The page that `serve` serves.
  cpSync(join(packages, 'web', 'dist'), join(outdir, 'page'), { recursive: true })
  writeFileSync(join(outdir, 'package.json'), `${JSON.stringify({ type: 'module', version })}\n`)
  writeFileSync(join(outdir, 'third-party.txt'), licencesOf(Object.keys(metafile.inputs)))
}

/** Lays the command out in `folder` as it is published. Resolves with the path of its executable. */
export async function layOutCommand(folder) {
  await bundleCommand(join(folder, 'bundle'))
  for (const name of ['bin', 'package.json'])
    cpSync(join(packages, 'cli', name), join(folder, name), { recursive: true })
  return join(folder, 'bin', 'midsentence.js')
}

/** Collects the licences of the bundled packages, which their terms require. */
function licencesOf(inputs) {
  const folders = new Set(inputs.flatMap(file => /^.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(file)?.[0] ?? []))
  const texts = [...folders].sort().map(folder => {
    const { name, version, license } = manifestOf(join(root, folder))
    const file = readdirSync(join(root, folder)).find(entry => /^licen[cs]e/i.test(entry))
    return `${name} ${version} (${license})\n\n${file ? readFileSync(join(root, folder, file), 'utf8').trim() : ''}`
  })
  return `This command contains these packages.\n\n${texts.join(`\n\n${'-'.repeat(80)}\n\n`)}\n`
}
