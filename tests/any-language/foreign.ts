import { spawn, spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import type { Ended, NodeOptions } from '@midsentence/testing/node-process'
import { onTestFinished as finished } from 'vitest'

export interface ForeignProcess {
  readonly ended: Promise<Ended>
  /** Gives it a line to read, and resolves to the next line it prints; rejects when it ends without. One at a time. */
  ask(line: string): Promise<string>
  /** Ends its input. */
  finish(): void
}

const root = fileURLToPath(new URL('../..', import.meta.url))

/** Whether a test without these programs is to be skipped, which is said aloud; under `CI=true` it runs, and fails. */
export function skippedWithout(programs: readonly string[], what: string): boolean {
  const missing = programs.filter(program => spawnSync(program, ['--version'], { stdio: 'ignore' }).error)
  if (missing.length === 0) return false
  process.stderr.write(`Cannot be run: ${what}. Missing: ${missing.join(', ')}. Install it.\n`)
  return !process.env.CI
}

/** Runs a program that is not ours in the top folder, as a user would; no proxy comes between it and this machine. */
export function foreign(
  program: string,
  args: readonly string[],
  { env, onTestFinished = finished }: NodeOptions = {},
): ForeignProcess {
  const child = spawn(program, args, { cwd: root, env: { ...process.env, no_proxy: '*', ...env }, stdio: 'pipe' })
  onTestFinished(() => void child.kill('SIGKILL'))
  let stdout = ''
  let stderr = ''
  let read = 0
  let look = () => {}
  child.stderr.setEncoding('utf8').on('data', text => {
    stderr += text
  })
  child.stdout.setEncoding('utf8').on('data', text => {
    stdout += text
    look()
  })
  // Whoever ends early is found out by what it printed.
  child.stdin.on('error', () => {})
  const ended = new Promise<Ended>((resolve, reject) => {
    child.once('error', reject)
    child.once('close', code => resolve({ code, stdout, stderr }))
  })
  const nextLine = () =>
    new Promise<string>(resolve => {
      look = () => {
        const end = stdout.indexOf('\n', read)
        if (end < 0) return
        const line = stdout.slice(read, end)
        read = end + 1
        look = () => {}
        resolve(line)
      }
      look()
    })
  return {
    ended,
    ask(line) {
      const answer = nextLine()
      child.stdin.write(`${line}\n`)
      return Promise.race([
        answer,
        ended.then(() => Promise.reject(new Error(`${program} ended without an answer:\n${stderr}`))),
      ])
    },
    finish: () => void child.stdin.end(),
  }
}
