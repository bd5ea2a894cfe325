import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { onTestFinished as finished } from 'vitest'

export interface ProcessResult {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

export interface NodeProcess {
  readonly pid: number
  readonly ended: Promise<ProcessResult>
  /** Its standard error up to now. */
  readonly log: string
  /** Resolves with the match once its standard output contains `pattern`. Rejects if it ends without it. */
  says(pattern: string | RegExp): Promise<RegExpExecArray>
  kill(signal: NodeJS.Signals): void
  /** Writes to its standard input. */
  type(text: string): void
  /** Ends its standard input. */
  endInput(): void
}

const root = fileURLToPath(new URL('../../..', import.meta.url))

export interface NodeOptions {
  readonly env?: Readonly<Record<string, string>>
  /** Required in a concurrent test. */
  readonly onTestFinished?: (end: () => void) => void
  /** Opens its standard input. Default false. */
  readonly typing?: boolean
}

/** Runs Node.js in the top folder, on built code. Killed when its test ends. */
export const node = (args: readonly string[], options: NodeOptions = {}): NodeProcess =>
  spawnProcess(process.execPath, args, options)

/** Runs `command` in the top folder. Killed when its test ends. */
export function spawnProcess(
  command: string,
  args: readonly string[],
  { env, onTestFinished = finished, typing = false }: NodeOptions = {},
): NodeProcess {
  const child = spawn(command, args, {
    cwd: root,
    env: { ...process.env, ...env },
    stdio: [typing ? 'pipe' : 'ignore', 'pipe', 'pipe'],
  })
  let stdout = ''
  let stderr = ''
  const { stdin } = child
  // The process may end before it has read everything.
  stdin?.on('error', () => {})
  child.stdout!.setEncoding('utf8').on('data', text => {
    stdout += text
  })
  child.stderr!.setEncoding('utf8').on('data', text => {
    stderr += text
  })
  const ended = new Promise<ProcessResult>(resolve => child.once('close', code => resolve({ code, stdout, stderr })))
  onTestFinished(() => void child.kill('SIGKILL'))
  const find = (pattern: string | RegExp) =>
    (typeof pattern === 'string' ? new RegExp(pattern.replace(/[^\w ]/g, '\\$&')) : pattern).exec(stdout)
  return {
    pid: child.pid!,
    ended,
    get log() {
      return stderr
    },
    says: pattern =>
      new Promise((resolve, reject) => {
        const look = () => {
          const match = find(pattern)
          if (match) resolve(match)
        }
        child.stdout!.on('data', look)
        look()
        void ended.then(({ stdout, stderr }) => {
          look()
          reject(new Error(`The process ended without printing ${pattern}:\n${stdout}${stderr}`))
        })
      }),
    kill: signal => void child.kill(signal),
    type: text => void stdin?.write(text),
    endInput: () => void stdin?.end(),
  }
}
