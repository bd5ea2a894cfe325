import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'

const root = join(import.meta.dirname, '..')
const run = promisify(execFile)

/** Runs `npm run prove:bounds` with `args`. Resolves with its exit code and what it printed. */
const proveBounds = (...args: string[]): Promise<{ readonly code: number; readonly text: string }> =>
  run(process.execPath, ['--conditions=production', 'scripts/bounds/run.mjs', ...args], { cwd: root }).then(
    ({ stdout }) => ({ code: 0, text: stdout }),
    ({ code, stdout, stderr }) => ({ code, text: `${stdout}${stderr}` }),
  )

test('under all attacks at once memory and answers stay within their bounds, and no honest call is refused', async () => {
  const { code, text } = await proveBounds('--seconds', '20', '--seed', '1', '--slack', '6')
  expect(text).toContain('honest calls refused')
  expect(code, text).toBe(0)
})

test('the attack finds a server whose limits by rate are lifted', async () => {
  const { code, text } = await proveBounds('--seconds', '10', '--seed', '1', '--unlimited', '--only', 'socket batches')
  expect(text).toContain('BROKEN')
  expect(code, text).toBe(1)
})
