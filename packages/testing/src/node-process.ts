import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { onTestFinished as finished } from 'vitest'

export interface Ended {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

export interface NodeProcess {
  readonly ended: Promise<Ended>
  /** Resolves once its standard output holds `what`, with where it does; rejects when it ends without. */
  says(what: string | RegExp): Promise<RegExpExecArray>
  kill(signal: NodeJS.Signals): void
  /** Writes to its standard input. */
  type(text: string): void
  /** Ends its standard input. */
  endInput(): void
}

const root = fileURLToPath(new URL('../../..', import.meta.url))

export interface NodeOptions {
  readonly env?: Readonly<Record<string, string>>
  /** A concurrent test gives its own. */
  readonly onTestFinished?: (end: () => void) => void
  /** Give it a standard input to type into. Default: none. */
  readonly typing?: boolean
}

/** Runs Node.js in the top folder, on built code, as a user would. Ends with its test. */
export const node = (args: readonly string[], options: NodeOptions = {}): NodeProcess =>
  running(process.execPath, args, options)

/** Runs `command` in the top folder. Ends with its test. */
export function running(
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
  // It may end before it has read everything.
  stdin?.on('error', () => {})
  child.stdout!.setEncoding('utf8').on('data', text => {
    stdout += text
  })
  child.stderr!.setEncoding('utf8').on('data', text => {
    stderr += text
  })
  const ended = new Promise<Ended>(resolve => child.once('close', code => resolve({ code, stdout, stderr })))
  onTestFinished(() => void child.kill('SIGKILL'))
  const found = (what: string | RegExp) =>
    (typeof what === 'string' ? new RegExp(what.replace(/[^\w ]/g, '\\$&')) : what).exec(stdout)
  return {
    ended,
    says: what =>
      new Promise((resolve, reject) => {
        const look = () => {
          const where = found(what)
          if (where) resolve(where)
        }
        child.stdout!.on('data', look)
        look()
        void ended.then(({ stdout, stderr }) => {
          look()
          reject(new Error(`It ended without saying ${what}:\n${stdout}${stderr}`))
        })
      }),
    kill: signal => void child.kill(signal),
    type: text => void stdin?.write(text),
    endInput: () => void stdin?.end(),
  }
}
