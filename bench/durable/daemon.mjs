import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { accessSync, constants, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'
import { onExit } from '../process.mjs'

/** Returns the path of an executable: `$VARIABLE`, else the first `names` found in PATH and `folders`. Undefined if none. */
export function findExecutable(variable, name, folders = []) {
  const all = [...(process.env.PATH ?? '').split(delimiter), '/usr/sbin', ...folders].map(folder => join(folder, name))
  return [process.env[variable], ...all].find(path => path && isExecutable(path))
}

/** Returns the path of nats-server. Undefined if it is not installed. */
export const findNatsServer = () => findExecutable('MIDSENTENCE_NATS_SERVER', 'nats-server')

function isExecutable(path) {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}

/** Returns the folders with the programs of PostgreSQL, newest version first. */
export function postgresFolders() {
  try {
    const versions = readdirSync('/usr/lib/postgresql').sort((a, b) => Number(b) - Number(a))
    return versions.map(version => join('/usr/lib/postgresql', version, 'bin'))
  } catch {
    return []
  }
}

/** Creates a temporary folder that is removed with this process. */
export function temporaryFolder() {
  const folder = mkdtempSync(join(tmpdir(), 'midsentence-bench-'))
  onExit(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

/** Returns a port of 127.0.0.1 that is free now. */
export async function freePort() {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address()
  server.close()
  await once(server, 'close')
  return port
}

// Otherwise the signal would end this process without its `exit` handlers, and leave its servers running.
process.once('SIGTERM', () => process.exit(143))

/** Starts a server that ends with this process. `end` ends it and resolves once it has exited. */
export function startDaemon(file, args, options = {}) {
  const child = spawn(file, args, { stdio: ['ignore', 'ignore', 'inherit'], ...options })
  const exited = once(child, 'exit')
  child.once(
    'exit',
    onExit(() => child.kill('SIGKILL')),
  )
  return {
    child,
    async end(signal = 'SIGTERM') {
      child.kill(signal)
      await exited
    },
  }
}

/** Resolves with the first match of `pattern` in a line that `child` prints. Rejects if it exits first. */
export async function lineOf(child, pattern) {
  for await (const line of createInterface({ input: child.stdout })) {
    const match = pattern.exec(line)
    if (match) {
      child.stdout.resume()
      return match
    }
  }
  throw new Error(`${child.spawnfile} ended before it was ready.`)
}

/** Calls `connect` until it succeeds, for up to ten seconds. */
export async function untilReady(connect) {
  for (let attempt = 0; ; attempt++) {
    try {
      return await connect()
    } catch (error) {
      if (attempt === 200) throw error
      await sleep(50)
    }
  }
}

/** Runs a program to its end and returns what it prints. Throws with its output if it fails. */
export const run = (file, args, options = {}) =>
  execFileSync(file, args, { encoding: 'utf8', stdio: 'pipe', ...options })
