import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { createServer } from 'node:net'
import { fileURLToPath } from 'node:url'

/** The existing Python chat server, unchanged. */
export interface PythonServer {
  readonly url: string
  /** What it printed. */
  output(): string
  /** Kills it: it does not end otherwise. */
  stop(): Promise<void>
}

const script =
  process.env.MIDSENTENCE_SEED ?? fileURLToPath(new URL('../../../../../shared/seed/run_server.py', import.meta.url))

/** The first that can run it; the system's own comes first, since its packages are meant. */
const pythons = [process.env.MIDSENTENCE_PYTHON, '/usr/bin/python3', 'python3'].filter(python => python !== undefined)

let python: string | undefined

let warned = false

/** Returns why the server cannot run here, or undefined. Tests then skip with that reason; with `CI=true` they fail. */
export function pythonServerMissing(): string | undefined {
  const reason = missingReason()
  if (reason && !warned) process.stderr.write(`The existing Python chat server cannot be started: ${reason}.\n`)
  warned = true
  return reason
}

function missingReason(): string | undefined {
  if (!existsSync(script)) return `there is no ${script}; set MIDSENTENCE_SEED to the server's run_server.py`
  python ??= pythons.find(python => spawnSync(python, ['-c', 'import fastapi, uvicorn']).status === 0)
  return python ? undefined : 'python3 with fastapi and uvicorn is missing; install python3-fastapi and python3-uvicorn'
}

/** Starts it on a free port, or on `port`, and resolves once it answers. */
export async function startPythonServer(port?: number): Promise<PythonServer> {
  const missing = pythonServerMissing()
  if (missing) throw new Error(`The existing Python chat server cannot be started: ${missing}.`)
  const at = port ?? (await freePort())
  const url = `http://127.0.0.1:${at}`
  const child = spawn(python!, ['-u', script, '--host', '127.0.0.1', '--port', String(at)], { stdio: 'pipe' })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', text => (output += text))
  const ended = new Promise<void>(resolve => child.once('close', resolve))
  const kill = () => void child.kill('SIGKILL')
  process.once('exit', kill)
  const stop = async () => {
    process.off('exit', kill)
    kill()
    await ended
  }
  await answering(url, child, () => output).catch(async (error: unknown) => {
    await stop()
    throw error
  })
  return { url, output: () => output, stop }
}

async function answering(url: string, child: ChildProcess, output: () => string): Promise<void> {
  const until = performance.now() + 20_000
  while (performance.now() < until && child.exitCode === null) {
    const response = await fetch(`${url}/`).catch(() => undefined)
    await response?.body?.cancel()
    if (response?.ok) return
    await new Promise(resolve => setTimeout(resolve, 30))
  }
  throw new Error(`The existing Python chat server did not start:\n${output()}`)
}

export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await new Promise(resolve => server.once('listening', resolve))
  const { port } = server.address() as { port: number }
  await new Promise(resolve => server.close(resolve))
  return port
}
