// Packs every package as it would be published: `npm run pack` builds, then leaves the tarballs in tarballs/;
// `node scripts/pack.mjs FOLDER` packs what is built into another folder.
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { basename, dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { bundleCommand } from './bundle.mjs'

const root = join(dirname(fileURLToPath(import.meta.url)), '..')
const folder = resolve(process.argv[2] ?? join(root, 'tarballs'))
const output = /(\.d\.ts|\.js)(\.map)?$/

for (const name of readdirSync(join(root, 'packages'))) {
  const [src, dist] = ['src', 'dist'].map(part => join(root, 'packages', name, part))
  const sources = filesUnder(src).filter(file => file.endsWith('.ts') && !file.endsWith('.test.ts'))
  const missing = sources.find(file => !existsSync(join(dist, file.replace(/\.ts$/, '.js'))))
  if (missing) {
    console.error(`packages/${name}/src/${missing} is not built: run \`npm run pack\`, which builds first.`)
    process.exit(1)
  }
  // The compiler leaves the outputs of a source that is gone; they would be published.
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
  '--filter',
  './packages/*',
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

/** Runs the pinned pnpm and stops where it fails; npm's own pack would leave `workspace:*` in the manifests. */
function pnpm(...args) {
  const env = { ...process.env, CI: 'true' }
  // Inside `npx -c` these two would make the nested npx refuse its own arguments.
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
