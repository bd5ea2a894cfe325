import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'

/** A package of npm with its exact version. */
export type PinnedPackage = `${string}@${string}`

const cache = process.env.MIDSENTENCE_HOSTS ?? join(tmpdir(), 'midsentence-hosts')

/** Installs a package outside of the repository, unless it is there, and returns the folder of its commands. */
export async function installed(pinned: PinnedPackage): Promise<string> {
  const folder = join(cache, pinned.replace(/[^\w.@-]/g, '_'))
  const bin = join(folder, 'node_modules/.bin')
  if (existsSync(bin)) return bin
  await mkdir(cache, { recursive: true })
  const making = await mkdtemp(join(cache, 'making-'))
  try {
    await writeFile(join(making, 'package.json'), '{"private":true}')
    await promisify(execFile)('npm', ['install', '--no-audit', '--no-fund', pinned], { cwd: making, timeout: 240_000 })
    // Another worker may have been first.
    await rename(making, folder).catch(() => {})
    return bin
  } catch (error) {
    throw new Error(`${pinned} cannot be installed: ${(error as Error).message}`, { cause: error })
  } finally {
    await rm(making, { recursive: true, force: true })
  }
}
