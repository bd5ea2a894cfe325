import { mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { onTestFinished } from 'vitest'
import { foreign } from './any-language/foreign.ts'

const root = fileURLToPath(new URL('..', import.meta.url))

export interface Guide {
  /** Its folder, with the files it prints. */
  readonly folder: string
  /** Its blocks of commands, in order, but for what installs what is built next to this. */
  readonly commands: readonly string[]
  /** Runs one of its commands there, as it is printed. */
  run(command: string): Promise<{ readonly code: number | null; readonly output: string }>
  /** Changes a file as a reader would; what is to be changed must be there. */
  change(file: string, from: string, to: string): void
}

/** A guide in the docs, its blocks of code written out under the names they are printed with, beside our packages. */
export function guide(name: string): Guide {
  const text = readFileSync(join(root, 'docs', name), 'utf8')
  const folder = mkdtempSync(join(tmpdir(), 'midsentence-guide-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'))
  writeFileSync(join(folder, 'package.json'), '{ "type": "module" }')
  for (const [, file, code] of text.matchAll(/^```(?:ts|json) (\S+)\n(.*?)^```$/gms))
    writeFileSync(join(folder, file!), code!)
  const blocks = [...text.matchAll(/^```sh\n(.*?)^```$/gms)].map(([, command]) => command!.trim())
  const commands = blocks.filter(command => !/npm install/.test(command))
  return {
    folder,
    commands,
    async run(command) {
      // As in a shell of its own: what this run of vitest tells its children is not for the reader's.
      const alone = `cd "$GUIDE" && unset VITEST VITEST_MODE VITEST_POOL_ID VITEST_WORKER_ID NODE_ENV TEST PROD DEV; ${command}`
      const { code, stdout, stderr } = await foreign('sh', ['-c', alone], { env: { GUIDE: folder, NO_COLOR: '1' } })
        .ended
      return { code, output: stdout + stderr }
    },
    change(file, from, to) {
      const before = readFileSync(join(folder, file), 'utf8')
      if (!before.includes(from)) throw new Error(`${file} has no ${from}`)
      writeFileSync(join(folder, file), before.replace(from, to))
    },
  }
}

/** How vitest says that so many tests passed, and so many were skipped. */
export const counted = (output: string): string => /Tests {2}(.*?) \(\d+\)/.exec(output)?.[1] ?? output
