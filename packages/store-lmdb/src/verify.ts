import { spawn } from 'node:child_process'
import { resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { dataFileIn, lookAtDataFile } from './data-file.ts'

/** What a store was found to hold. */
export interface StoreReport {
  readonly rooms: number
  readonly messages: number
  /** Messages and floors. */
  readonly records: number
  readonly sessions: number
  readonly journals: number
  /** A sentence each; none where all is as it was written. */
  readonly problems: readonly string[]
}

const nothing: Omit<StoreReport, 'problems'> = { rooms: 0, messages: 0, records: 0, sessions: 0, journals: 0 }
const program = fileURLToPath(new URL('../bin/verify.js', import.meta.url))

/**
 * Reads all of the store in `directory`, also while another process uses it, and holds every record against its checksum
 * and its place. Changes nothing. Done in a process of its own, since reading what is damaged may end that. Never fails:
 * what went wrong is among the problems.
 */
export async function verifyStore(directory: string): Promise<StoreReport> {
  const path = resolve(directory)
  const found = lookAtDataFile(path)
  if (found === 'absent') return { ...nothing, problems: [`There is no store in ${path}.`] }
  if (found === 'foreign')
    return { ...nothing, problems: [`${dataFileIn(path)} is no store of ours, or its beginning is damaged.`] }
  const { stdout, how } = await ran(path)
  if (how === undefined) return JSON.parse(stdout) as StoreReport
  return { ...nothing, problems: [`Reading it ended the process that did (${how}): its pages are damaged.`] }
}

/** What the program said, and how it ended where that was not by itself. */
function ran(path: string): Promise<{ readonly stdout: string; readonly how: string | undefined }> {
  return new Promise(resolve => {
    const child = spawn(process.execPath, [program, path], { stdio: ['ignore', 'pipe', 'pipe'] })
    let [stdout, stderr] = ['', '']
    child.stdout.setEncoding('utf8').on('data', text => {
      stdout += text
    })
    child.stderr.setEncoding('utf8').on('data', text => {
      stderr = `${stderr}${text}`.slice(-1000)
    })
    child.on('error', ({ message }) => resolve({ stdout, how: message }))
    child.on('close', (code, signal) => {
      if (code === 0) resolve({ stdout, how: undefined })
      else resolve({ stdout, how: signal ?? /^\w*Error: .*$/m.exec(stderr)?.[0] ?? `code ${code}` })
    })
  })
}
