import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { dataFileIn, inspectDataFile } from '../directory/data-file.ts'
import { SCORE_DIRECTORY } from '../directory/permissions.ts'

/** The result of verifying a store. */
export interface StoreReport {
  readonly rooms: number
  readonly messages: number
  /** Messages and floor changes. */
  readonly records: number
  readonly sessions: number
  readonly journals: number
  /** Records of the scores of all rooms. */
  readonly scoreRecords: number
  /** One sentence for each problem; empty if the store is intact. */
  readonly problems: readonly string[]
}

const nothing: StoreReport = {
  ...{ rooms: 0, messages: 0, records: 0, sessions: 0, journals: 0, scoreRecords: 0 },
  problems: [],
}
const beside = fileURLToPath(new URL('../../bin/verify.js', import.meta.url))
/** A bundle of this package has its program one folder nearer. */
const program = existsSync(beside)
  ? beside
  : fileURLToPath(new URL(['..', 'bin', 'verify.js'].join('/'), import.meta.url))

/**
 * Reads the whole store in `directory`, also while another process uses it, and checks each value against its checksum,
 * each log against its head, and the order of the records of its scores. Changes nothing. Runs in a child process, because
 * damaged pages can end the process that reads them. Never fails: errors become problems.
 */
export async function verifyStore(directory: string): Promise<StoreReport> {
  const path = resolve(directory)
  if (inspectDataFile(path) === 'absent') return { ...nothing, problems: [`There is no store in ${path}.`] }
  const [logs, scores] = [await verifyFile(path, 'store'), await verifyScores(join(path, SCORE_DIRECTORY))]
  return { ...logs, scoreRecords: scores.scoreRecords, problems: [...logs.problems, ...scores.problems] }
}

/** Reads the environment of the scores in `path`, as `verifyStore` does. */
export const verifyScores = (path: string): Promise<StoreReport> => verifyFile(path, 'scores')

async function verifyFile(path: string, what: 'store' | 'scores'): Promise<StoreReport> {
  const state = inspectDataFile(path)
  if (state === 'absent') return nothing
  if (state === 'foreign')
    return { ...nothing, problems: [`${dataFileIn(path)} is not a store, or its first pages are damaged.`] }
  const { stdout, failure } = await runVerifyProgram(path, what)
  if (failure === undefined) return JSON.parse(stdout) as StoreReport
  return {
    ...nothing,
    problems: [
      `Reading ${what === 'store' ? 'it' : 'its scores'} ended the process (${failure}): the pages are damaged.`,
    ],
  }
}

/** Reads a store in a child process. Resolves with the program's output, and how it failed if it did. */
export function runVerifyProgram(
  path: string,
  what: 'store' | 'scores' | 'pages',
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
