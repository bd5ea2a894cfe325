// run.mjs [--no-tests]: everything that a change must pass. Prints one line per step, and the output of failed steps.
import { spawnSync } from 'node:child_process'
import { root } from './files.mjs'

const all = [
  'biome check .',
  'tsc -p tsconfig.test.json',
  'tsc -p packages/web',
  'knip',
  'node scripts/check/type-names.mjs',
  'node scripts/check/commits.mjs',
  'node scripts/check/words.mjs',
  'vitest run --config vitest.workspace.ts --project hermetic --project integration',
]

const steps = process.argv.includes('--no-tests') ? all.filter(step => !step.startsWith('vitest')) : all

for (const step of steps) {
  const began = performance.now()
  const { status, stdout, stderr } = spawnSync(step, { cwd: root, shell: true, encoding: 'utf8', maxBuffer: 2 ** 26 })
  const seconds = ((performance.now() - began) / 1000).toFixed(1)
  console.log(`${status === 0 ? 'passed' : 'FAILED'} in ${seconds} s: ${step}`)
  // What our own scripts print when they pass is a hint.
  if (status !== 0 || step.startsWith('node ')) process.stderr.write(stdout + stderr)
  if (status !== 0) process.exitCode = 1
}
