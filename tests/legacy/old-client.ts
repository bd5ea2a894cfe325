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

/** Why the existing client cannot be run here; undefined where it can. Tests then skip aloud, but under `CI=true` fail. */
export function oldClientMissing(): string | undefined {
  if (!existsSync(script)) return `there is no ${script}; set MIDSENTENCE_SEED to the run_server.py beside it`
  python ??= pythons.find(python => spawnSync(python, ['-c', 'import requests']).status === 0)
  return python ? undefined : 'python3 with requests is missing; install python3-requests'
}

/** The existing line-based Python client, as it is: a person types, and reads what it prints. */
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

  /** What was said, without the times: `Ada: hello`. */
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
