import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { dataFileIn, inspectDataFile } from '../directory/data-file.ts'

/** The result of verifying a store. */
export interface StoreReport {
  readonly rooms: number
  readonly messages: number
  /** Messages and floor changes. */
  readonly records: number
  readonly sessions: number
  readonly journals: number
  /** One sentence for each problem; empty if the store is intact. */
  readonly problems: readonly string[]
}

const nothing: Omit<StoreReport, 'problems'> = { rooms: 0, messages: 0, records: 0, sessions: 0, journals: 0 }
const beside = fileURLToPath(new URL('../../bin/verify.js', import.meta.url))
/** A bundle of this package has its program one folder nearer. */
const program = existsSync(beside)
  ? beside
  : fileURLToPath(new URL(['..', 'bin', 'verify.js'].join('/'), import.meta.url))

/**
 * Reads the whole store in `directory`, also while another process uses it, and checks each value against its checksum
 * and each log against its head. Changes nothing. Runs in a child process, because damaged pages can end the process that
 * reads them. Never fails: errors become problems.
 */
export async function verifyStore(directory: string): Promise<StoreReport> {
  const path = resolve(directory)
  const state = inspectDataFile(path)
  if (state === 'absent') return { ...nothing, problems: [`There is no store in ${path}.`] }
  if (state === 'foreign')
    return { ...nothing, problems: [`${dataFileIn(path)} is not a store, or its first pages are damaged.`] }
  const { stdout, failure } = await runVerifyProgram(path, 'everything')
  if (failure === undefined) return JSON.parse(stdout) as StoreReport
  return { ...nothing, problems: [`Reading it ended the process (${failure}): its pages are damaged.`] }
}

/** Reads a store in a child process. Resolves with the program's output, and how it failed if it did. */
export function runVerifyProgram(
  path: string,
  what: 'everything' | 'pages',
): Promise<{ readonly stdout: string; readonly failure: string | undefined }> {
  return new Promise(resolve => {
    const child = spawn(process.execPath, [program, path, what], { stdio: ['ignore', 'pipe', 'pipe'] })
    let [stdout, stderr] = ['', '']
    child.stdout.setEncoding('utf8').on('data', text => {
      stdout += text
    })
    child.stderr.setEncoding('utf8').on('data', text => {
      stderr = `${stderr}${text}`.slice(-1000)
    })
    child.on('error', ({ message }) => resolve({ stdout, failure: message }))
    child.on('close', (code, signal) => {
      if (code === 0) resolve({ stdout, failure: undefined })
      else resolve({ stdout, failure: signal ?? /^\w*Error: .*$/m.exec(stderr)?.[0] ?? `code ${code}` })
    })
  })
}
