import { once } from 'node:events'
import { createWriteStream } from 'node:fs'
import type { Writable } from 'node:stream'
import { MidsentenceError } from '@midsentence/core'
import { exportStore } from '@midsentence/store-lmdb'
import { defineCommand } from '../define-command.ts'
import { defaultDirectory } from './stored-rooms.ts'

// Not `export`, which is a word of the language.
export const exportCommand = defineCommand({
  name: 'export',
  help: `midsentence export [--data DIR] [--to FILE]

Writes out what a server keeps, as it is in one moment, as lines of JSON; the server may go on
meanwhile. It holds everything, drafts and the tokens of sessions included: keep it as you keep the
directory. The last line says how many there are.

  --data DIR   What to write out. Default: ${defaultDirectory}
  --to FILE    A new file. Default: standard output.
`,
  options: { data: { type: 'string' }, to: { type: 'string' } },
  async run({ data = defaultDirectory, to }) {
    const lines = await (to === undefined ? exportStore(data, writeTo(process.stdout)) : exportToFile(data, to))
    if (to !== undefined) process.stdout.write(`Written to ${to}: ${lines} lines.\n`)
    return 0
  },
})

/** Waits where what is written is not taken any more. */
const writeTo = (out: Writable) => async (text: string) => {
  if (!out.write(text)) await once(out, 'drain')
}

async function exportToFile(data: string, path: string): Promise<number> {
  const file = createWriteStream(path, { flags: 'wx', mode: 0o600, flush: true })
  try {
    await once(file, 'open')
    const lines = await exportStore(data, writeTo(file))
    file.end()
    await once(file, 'close')
    return lines
  } catch (cause) {
    file.destroy()
    const { code } = cause as NodeJS.ErrnoException
    if (code === 'EEXIST')
      throw new MidsentenceError('unavailable', `${path} is there already: name a new file.`, { cause })
    throw cause
  }
}
