import { spawnSync } from 'node:child_process'
import { type NodeProcess, running } from '@midsentence/testing/node-process'

/** Has `sh` read `lines`, in the top folder. */
export const shell = (lines: string): NodeProcess => running('sh', ['-c', lines], { typing: true })

/** Says aloud that lines of curl are not run, where there is none. */
export function unlessCurl(): boolean {
  const missing = spawnSync('curl', ['--version']).status !== 0
  if (missing && process.env.CI) throw new Error('There is no curl, which these tests need: install it.')
  if (missing) console.warn('Skipped: the lines of curl that are printed, since there is no curl.')
  return missing
}
