// Packs every package that is not private, for publishing. `npm run pack` builds first and writes to tarballs/;
// `node scripts/pack.mjs FOLDER` packs the built files into another folder.
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { basename, dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { bundleCommand } from './bundle.mjs'

const root = join(dirname(fileURLToPath(import.meta.url)), '..')
const folder = resolve(process.argv[2] ?? join(root, 'tarballs'))
const output = /(\.d\.ts|\.js)(\.map)?$/

const isPublic = name => !JSON.parse(readFileSync(join(root, 'packages', name, 'package.json'), 'utf8')).private
const published = readdirSync(join(root, 'packages')).filter(isPublic)

for (const name of published) {
  const [src, dist] = ['src', 'dist'].map(part => join(root, 'packages', name, part))
  const sources = filesUnder(src).filter(file => file.endsWith('.ts') && !file.endsWith('.test.ts'))
  const missing = sources.find(file => !existsSync(join(dist, file.replace(/\.ts$/, '.js'))))
  if (missing) {
    console.error(`packages/${name}/src/${missing} is not built: run \`npm run pack\`, which builds first.`)
    process.exit(1)
  }
  // The compiler keeps the outputs of deleted sources, which would be published.
  const gone = filesUnder(dist).filter(file => output.test(file) && !sources.includes(file.replace(output, '.ts')))
  for (const file of gone) rmSync(join(dist, file))
}

await bundleCommand()
mkdirSync(folder, { recursive: true })
const tarballs = () => readdirSync(folder).filter(file => file.endsWith('.tgz'))
for (const file of tarballs()) rmSync(join(folder, file))

const { packageManager } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
const hooks = join(root, 'scripts', 'published-manifest.cjs')
pnpm(
  '--recursive',
  ...published.flatMap(name => ['--filter', `./packages/${name}`]),
  `--config.global-pnpmfile=${hooks}`,
  'pack',
  '--pack-destination',
  folder,
)
for (const file of tarballs()) {
  const kilobytes = (statSync(join(folder, file)).size / 1000).toFixed(1)
  console.log(`${kilobytes.padStart(7)} kB  ${join(basename(folder), file)}`)
}

function filesUnder(top) {
  return existsSync(top) ? readdirSync(top, { recursive: true }) : []
}

/** Runs the pinned pnpm. Exits if it fails. `npm pack` would leave `workspace:*` in the manifests. */
function pnpm(...args) {
  const env = { ...process.env, CI: 'true' }
  // Set by `npx -c`, these variables make a nested npx refuse its arguments.
  delete env.npm_config_call
  delete env.npm_config_package
  const { status, error, stdout, stderr } = spawnSync('npx', ['-y', packageManager, ...args], {
    cwd: root,
    env,
    encoding: 'utf8',
  })
  if (status === 0) return
  console.error(error ? `Could not run npx: ${error.message}` : `${stdout}${stderr}`)
  process.exit(status ?? 1)
}
