// Installs the MCP hosts that tests/hosts/ runs, with their exact versions, into a folder outside the clone.
import { execFile } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

const cache =
  process.env.MIDSENTENCE_HOST_PROGRAMS ??
  join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'midsentence-hosts')
const folderOf = pinned => join(cache, pinned.replace(/[^\w.@-]/g, '_'))

/** Returns the folder of a package's commands, whether it is there or not. */
export const commandsOf = pinned => join(folderOf(pinned), 'node_modules/.bin')

/** Installs a package unless it is there, and returns the folder of its commands. */
export async function installed(pinned) {
  const commands = commandsOf(pinned)
  if (existsSync(commands)) return commands
  await mkdir(cache, { recursive: true })
  const making = await mkdtemp(join(cache, 'making-'))
  try {
    await writeFile(join(making, 'package.json'), '{"private":true}')
    await promisify(execFile)('npm', ['install', '--no-audit', '--no-fund', pinned], { cwd: making, timeout: 240_000 })
    // Another process may have been first.
    await rename(making, folderOf(pinned)).catch(() => {})
    return commands
  } catch (error) {
    throw new Error(`${pinned} cannot be installed. Is the registry of npm reachable? ${error.message}`, {
      cause: error,
    })
  } finally {
    await rm(making, { recursive: true, force: true })
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const programs = readFileSync(new URL('../tests/hosts/programs.ts', import.meta.url), 'utf8')
  for (const [, pinned] of programs.matchAll(/^ {4}package: '(.+)',$/gm)) {
    try {
      console.log(`${pinned} is in ${await installed(pinned)}.`)
    } catch (error) {
      console.error(error.message)
      process.exitCode = 1
    }
  }
}
