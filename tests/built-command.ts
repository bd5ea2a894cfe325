import { existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
// @ts-expect-error: plain JavaScript, since `npm run pack` runs it as it is
import { layOutCommand } from '../scripts/bundle.mjs'

const packages = fileURLToPath(new URL('../packages', import.meta.url))
const source = join(packages, 'cli/bin/midsentence.js')

/**
 * The executable of the command, laid out as it is published: the bundle starts in a third of the time that the compiled
 * sources take. Made again after a build.
 */
export const bin: string = await laidOut()

async function laidOut(): Promise<string> {
  const infos = readdirSync(packages).map(name => join(packages, name, 'dist/.tsbuildinfo'))
  const built = Math.max(0, ...infos.filter(file => existsSync(file)).map(file => statSync(file).mtimeMs))
  // Without a build it says so itself.
  if (built === 0) return source
  // Below the package, whose native store it finds there.
  const cache = join(packages, 'cli/node_modules/.cache')
  const name = `command-${Math.trunc(built)}`
  const folder = join(cache, name)
  if (!existsSync(folder)) {
    mkdirSync(cache, { recursive: true })
    const making = mkdtempSync(join(cache, 'making-'))
    await layOutCommand(making)
    for (const old of readdirSync(cache)) {
      if (old.startsWith('command-') && old !== name) rmSync(join(cache, old), { recursive: true, force: true })
    }
    try {
      renameSync(making, folder)
    } catch {
      // Another worker was first.
      rmSync(making, { recursive: true, force: true })
    }
  }
  return join(folder, 'bin/midsentence.js')
}
