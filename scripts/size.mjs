// Prints the installed size of the packed command: `npm run size`. Packs the built packages and installs them in a temporary
// folder with npm: once with the optional dependency, the native store, and once without.
import { spawnSync } from 'node:child_process'
import { lstatSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = join(dirname(fileURLToPath(import.meta.url)), '..')
const folder = mkdtempSync(join(tmpdir(), 'midsentence-size-'))
process.once('exit', () => rmSync(folder, { recursive: true, force: true }))

run(root, process.execPath, 'scripts/pack.mjs', join(folder, 'tarballs'))
const tarball = readdirSync(join(folder, 'tarballs')).find(file => /^midsentence-\d/.test(file))
const everything = readdirSync(join(folder, 'tarballs')).map(file => join(folder, 'tarballs', file))

measure('the command', 60, [join(folder, 'tarballs', tarball)])
measure('the command without its native store: mcp, chat, agent, serve --memory', 25, [
  '--omit=optional',
  join(folder, 'tarballs', tarball),
])
measure('all packages, as libraries', undefined, everything)

/** Installs `packages` and prints the disk space of node_modules and the number of packages in it. */
function measure(name, aim, packages) {
  const consumer = mkdtempSync(join(folder, 'consumer-'))
  writeFileSync(join(consumer, 'package.json'), '{"private":true}')
  run(consumer, 'npm', 'install', '--no-audit', '--no-fund', '--prefer-offline', ...packages)
  const entries = readdirSync(join(consumer, 'node_modules'), { recursive: true })
  const bytes = entries.reduce((sum, entry) => sum + 512 * lstatSync(join(consumer, 'node_modules', entry)).blocks, 0)
  const count = entries.filter(entry => /(^|node_modules\/)(@[^/]+\/)?[^@./][^/]*\/package\.json$/.test(entry)).length
  const size = `${(bytes / 1e6).toFixed(1).padStart(5)} MB`
  console.log(`${size}, ${String(count).padStart(2)} packages: ${name}${aim === undefined ? '' : ` (aim ${aim} MB)`}`)
}

/** Runs a command to its end, without the variables that npm sets for its children. Exits when it fails. */
function run(cwd, command, ...args) {
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^npm_(config_|package)/.test(name)))
  const { status, error, stdout, stderr } = spawnSync(command, args, { cwd, env, encoding: 'utf8' })
  if (status === 0) return
  console.error(error ? error.message : `${stdout}${stderr}`)
  process.exit(1)
}
