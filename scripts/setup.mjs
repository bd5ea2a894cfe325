// Installs the workspace if a manifest or the lock file has changed; with `--build`, compiles too and builds the page.
// Needs only Node.js and npm: npx runs pnpm, in the version that package.json pins.
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = join(dirname(fileURLToPath(import.meta.url)), '..')
const [major, minor] = process.versions.node.split('.').map(Number)
if (major < 20 || (major === 20 && minor < 19)) {
  console.error(`midsentence needs Node.js 20.19 or newer; this is ${process.version}.`)
  process.exit(1)
}

const stamp = join(root, 'node_modules', '.midsentence-setup')
const inputs = [
  'pnpm-lock.yaml',
  'pnpm-workspace.yaml',
  'package.json',
  ...readdirSync(join(root, 'packages')).map(name => join('packages', name, 'package.json')),
].filter(file => existsSync(join(root, file)))
const hash = createHash('sha256').update(process.version)
for (const file of inputs) hash.update(file).update(readFileSync(join(root, file)))
const wanted = hash.digest('hex')

if (!existsSync(stamp) || readFileSync(stamp, 'utf8') !== wanted) {
  const { packageManager } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
  console.log(`Installing the workspace with ${packageManager} …`)
  run('npx', ['-y', packageManager, 'install', '--frozen-lockfile'], { CI: 'true' })
  mkdirSync(dirname(stamp), { recursive: true })
  writeFileSync(stamp, wanted)
}
if (process.argv.includes('--build')) {
  if (!existsSync(join(root, 'packages', 'web', 'dist'))) console.log('Building the packages and the page …')
  run(process.execPath, [join(root, 'node_modules', 'typescript', 'bin', 'tsc'), '-b'])
  buildPage()
}

/** Builds the page, if a source of it has changed. */
function buildPage() {
  const web = join(root, 'packages', 'web')
  const built = join(root, 'node_modules', '.midsentence-page')
  const sources = ['web', 'client', 'core', 'transport-sse', 'transport-ws'].map(name => join('packages', name, 'src'))
  const files = [...sources, join('packages', 'web', 'public')].flatMap(folder =>
    readdirSync(join(root, folder), { recursive: true })
      .filter(name => /\.(tsx?|css|svg)$/.test(name) && !name.includes('.test.'))
      .map(name => join(folder, name)),
  )
  const hash = createHash('sha256').update(wanted)
  for (const file of [...files.sort(), ...['index.html', 'vite.config.ts'].map(name => join('packages', 'web', name))])
    hash.update(file).update(readFileSync(join(root, file)))
  const page = hash.digest('hex')
  if (existsSync(join(web, 'dist', 'index.html')) && existsSync(built) && readFileSync(built, 'utf8') === page) return
  // In its own process, since Vite takes a second to load.
  run(process.execPath, [join(web, 'node_modules', 'vite', 'bin', 'vite.js'), 'build', web, '--logLevel', 'error'])
  writeFileSync(built, page)
}

function run(command, args, extra = {}) {
  const env = { ...process.env, ...extra }
  // Set by `npx -c`, these variables make a nested npx refuse its arguments.
  delete env.npm_config_call
  delete env.npm_config_package
  const { status, error } = spawnSync(command, args, { cwd: root, env, stdio: 'inherit' })
  if (error) console.error(`Could not run ${command}: ${error.message}`)
  if (status !== 0) process.exit(status ?? 1)
}
