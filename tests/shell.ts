import { spawnSync } from 'node:child_process'
import { type NodeProcess, spawnProcess } from '@midsentence/testing/node-process'

/** Runs `lines` with `sh` in the top folder. */
export const shell = (lines: string): NodeProcess => spawnProcess('sh', ['-c', lines], { typing: true })

/** Returns whether curl is missing, and prints so. Throws under `CI=true`. */
export function unlessCurl(): boolean {
  const missing = spawnSync('curl', ['--version']).status !== 0
  if (missing && process.env.CI) throw new Error('These tests need curl: install it.')
  if (missing) console.warn('Skipped: the printed curl commands, since curl is not installed.')
  return missing
}
