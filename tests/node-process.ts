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
  /** Resolves once its standard output holds `text`; rejects when it ends without. */
  says(text: string): Promise<void>
  kill(signal: NodeJS.Signals): void
}

const root = fileURLToPath(new URL('..', import.meta.url))

export interface NodeOptions {
  readonly env?: Readonly<Record<string, string>>
  /** A concurrent test gives its own. */
  readonly onTestFinished?: (end: () => void) => void
}

/** Runs Node.js in the top folder, on built code, as a user would. Ends with its test. */
export function node(args: readonly string[], { env, onTestFinished = finished }: NodeOptions = {}): NodeProcess {
  const child = spawn(process.execPath, args, {
    cwd: root,
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let stdout = ''
  let stderr = ''
  child.stdout.setEncoding('utf8').on('data', text => {
    stdout += text
  })
  child.stderr.setEncoding('utf8').on('data', text => {
    stderr += text
  })
  const ended = new Promise<Ended>(resolve => child.once('close', code => resolve({ code, stdout, stderr })))
  onTestFinished(() => void child.kill('SIGKILL'))
  const said = (text: string) =>
    new Promise<void>(resolve => {
      const look = () => stdout.includes(text) && resolve()
      child.stdout.on('data', look)
      look()
    })
  return {
    ended,
    says: text =>
      Promise.race([
        said(text),
        ended.then(({ stdout, stderr }) => {
          if (!stdout.includes(text))
            throw new Error(`It ended without saying ${JSON.stringify(text)}:\n${stdout}${stderr}`)
        }),
      ]),
    kill: signal => void child.kill(signal),
  }
}
