import { mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type NodeProcess, spawnProcess } from '@midsentence/testing/node-process'
import { onTestFinished } from 'vitest'
import { runProgram } from './any-language/external-program.ts'

const root = fileURLToPath(new URL('..', import.meta.url))

export interface Guide {
  /** The folder with the files that the guide prints. */
  readonly folder: string
  /** Its blocks of commands, in order, without those that install packages. */
  readonly commands: readonly string[]
  /** Runs a command of the guide in the folder. */
  run(command: string): Promise<{ readonly code: number | null; readonly output: string }>
  /** Starts a program of the guide in the folder. Killed when its test ends. */
  start(file: string, env?: Readonly<Record<string, string>>): NodeProcess
  /** Replaces `from` in a file. Throws if the file does not contain it. */
  change(file: string, from: string, to: string): void
}

/** Reads a guide of the docs, changed by `edit`, and writes its code blocks to a new folder that sees our packages. */
export function guide(name: string, edit = (text: string): string => text): Guide {
  const text = edit(readFileSync(join(root, 'docs', name), 'utf8'))
  const folder = mkdtempSync(join(tmpdir(), 'midsentence-guide-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'))
  writeFileSync(join(folder, 'package.json'), '{ "type": "module" }')
  for (const [, file, code] of text.matchAll(/^```(?:tsx?|js|json) (\S+)\n(.*?)^```$/gms))
    writeFileSync(join(folder, file!), code!)
  const blocks = [...text.matchAll(/^```sh\n(.*?)^```$/gms)].map(([, command]) => command!.trim())
  const commands = blocks.filter(command => !/npm install/.test(command))
  return {
    folder,
    commands,
    async run(command) {
      // The guide runs its own vitest, which must not see the variables of this one.
      const script = `cd "$GUIDE" && unset VITEST VITEST_MODE VITEST_POOL_ID VITEST_WORKER_ID NODE_ENV TEST PROD DEV; ${command}`
      const { code, stdout, stderr } = await runProgram('sh', ['-c', script], { env: { GUIDE: folder, NO_COLOR: '1' } })
        .ended
      return { code, output: stdout + stderr }
    },
    start: (file, env = {}) =>
      spawnProcess('sh', ['-c', 'cd "$GUIDE" && exec node "$0"', file], { env: { ...env, GUIDE: folder } }),
    change(file, from, to) {
      const before = readFileSync(join(folder, file), 'utf8')
      if (!before.includes(from)) throw new Error(`${file} has no ${from}`)
      writeFileSync(join(folder, file), before.replace(from, to))
    },
  }
}

/** Returns the counts of vitest's summary, such as "8 passed | 2 skipped". */
export const countsOf = (output: string): string => /Tests {2}(.*?) \(\d+\)/.exec(output)?.[1] ?? output
