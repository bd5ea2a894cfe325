import { spawn, spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import type { NodeOptions, ProcessResult } from '@midsentence/testing/node-process'
import { onTestFinished as finished } from 'vitest'

export interface ExternalProgram {
  readonly ended: Promise<ProcessResult>
  /** Writes a line to its input. Resolves with its next line of output, rejects if it ends first. One call at a time. */
  ask(line: string): Promise<string>
  /** Ends its input. */
  finish(): void
}

const root = fileURLToPath(new URL('../..', import.meta.url))

/** Returns whether to skip a test that needs these programs, and prints why. Under `CI=true` the test runs, and fails. */
export function lacksPrograms(programs: readonly string[], testName: string): boolean {
  const missing = programs.filter(program => spawnSync(program, ['--version'], { stdio: 'ignore' }).error)
  if (missing.length === 0) return false
  process.stderr.write(`Skipped: ${testName}. Missing programs: ${missing.join(', ')}. Install them.\n`)
  return !process.env.CI
}

/** Runs a program in the top folder, without a proxy between it and this machine. Killed when its test ends. */
export function runProgram(
  program: string,
  args: readonly string[],
  { env, onTestFinished = finished }: NodeOptions = {},
): ExternalProgram {
  const child = spawn(program, args, { cwd: root, env: { ...process.env, no_proxy: '*', ...env }, stdio: 'pipe' })
  onTestFinished(() => void child.kill('SIGKILL'))
  let stdout = ''
  let stderr = ''
  let read = 0
  let onOutput = () => {}
  child.stderr.setEncoding('utf8').on('data', text => {
    stderr += text
  })
  child.stdout.setEncoding('utf8').on('data', text => {
    stdout += text
    onOutput()
  })
  // A program that ends early closes its input; the test reads the reason from its output.
  child.stdin.on('error', () => {})
  const ended = new Promise<ProcessResult>((resolve, reject) => {
    child.once('error', reject)
    child.once('close', code => resolve({ code, stdout, stderr }))
  })
  const nextLine = () =>
    new Promise<string>(resolve => {
      onOutput = () => {
        const end = stdout.indexOf('\n', read)
        if (end < 0) return
        const line = stdout.slice(read, end)
        read = end + 1
        onOutput = () => {}
        resolve(line)
      }
      onOutput()
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
