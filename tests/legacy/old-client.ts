import { type ChildProcessWithoutNullStreams, spawn, spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { onTestFinished, vi } from 'vitest'

const seed = process.env.MIDSENTENCE_SEED
const script = seed
  ? seed.replace(/[^/\\]+$/, 'client.py')
  : fileURLToPath(new URL('../../../shared/seed/client.py', import.meta.url))

const pythons = [process.env.MIDSENTENCE_PYTHON, '/usr/bin/python3', 'python3'].filter(python => python !== undefined)

let python: string | undefined

/** Returns why the Python client cannot run here, or undefined. Tests then skip with that reason; with `CI=true` they fail. */
export function oldClientMissing(): string | undefined {
  if (!existsSync(script)) return `there is no ${script}; set MIDSENTENCE_SEED to the run_server.py beside it`
  python ??= pythons.find(python => spawnSync(python, ['-c', 'import requests']).status === 0)
  return python ? undefined : 'python3 with requests is missing; install python3-requests'
}

/** The existing Python client, unchanged: `type` writes to its stdin, `output` holds what it printed. */
export class OldClient {
  readonly #child: ChildProcessWithoutNullStreams
  readonly ended: Promise<number | null>
  output = ''

  constructor(url: string, username: string) {
    const { hostname, port } = new URL(url)
    const args = ['-u', script, '--host', hostname, '--port', port, '--username', username]
    // Beside the script there may be no place for compiled modules.
    const env = { ...process.env, PYTHONDONTWRITEBYTECODE: '1', PYTHONIOENCODING: 'utf-8' }
    this.#child = spawn(python!, args, { env })
    for (const stream of [this.#child.stdout, this.#child.stderr]) {
      stream.setEncoding('utf8').on('data', text => {
        this.output += text
      })
    }
    this.ended = new Promise(resolve => this.#child.once('close', resolve))
    onTestFinished(() => void this.#child.kill('SIGKILL'))
  }

  /** Printed messages without their times, as `Ada: hello`. */
  get lines(): string[] {
    return [...this.output.matchAll(/^\[\d\d:\d\d:\d\d\] \[(.*?)\]: (.*)$/gm)].map(
      ([, name, text]) => `${name}: ${text}`,
    )
  }

  type(line: string): void {
    this.#child.stdin.write(`${line}\n`)
  }

  async sees(text: string): Promise<void> {
    await vi
      .waitUntil(() => this.output.includes(text), { timeout: 15_000, interval: 10 })
      .catch(() => {
        throw new Error(`The old client did not print ${JSON.stringify(text)}, but:\n${this.output}`)
      })
  }
}
