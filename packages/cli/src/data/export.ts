import { once } from 'node:events'
import { createWriteStream } from 'node:fs'
import type { Writable } from 'node:stream'
import { copyOptions, natsHelp, natsOfFlags } from '../cluster/nats-options.ts'
import { defineCommand } from '../define-command.ts'
import { expandHome } from '../settings/read-text-file.ts'
import { defaultDirectory } from './default-directory.ts'

// `export` is a reserved word.
export const exportCommand = defineCommand({
  name: 'export',
  help: `midsentence export [--data DIR | --nats URLS] [--to FILE]

Writes a data directory, as of one moment, as lines of JSON. The server may run meanwhile. With
--nats, each room is as of one moment. The output holds everything, including drafts and the tokens
of sessions: protect it like the directory. The last line holds the number of lines.

  --data DIR   The directory to export. Default: ${defaultDirectory}
${natsHelp}  --to FILE    A new file. Default: standard output.
`,
  options: { ...copyOptions, to: { type: 'string' } },
  async run({ to, ...flags }) {
    const exportTo = await exportOf(flags)
    const lines = await (to === undefined ? exportTo(writeTo(process.stdout)) : writeNewFile(to, exportTo))
    if (to !== undefined) process.stdout.write(`Written to ${to}: ${lines} lines.\n`)
    return 0
  },
})

type WriteText = (text: string) => Promise<void>

/** Returns the function that exports what `flags` name. */
async function exportOf(flags: { readonly data?: string }): Promise<(write: WriteText) => Promise<number>> {
  const nats = natsOfFlags(flags)
  if (nats) {
    const { exportCluster } = await import('@midsentence/cluster-nats')
    return write => exportCluster(nats, write)
  }
  const { exportStore } = await import('@midsentence/store-lmdb')
  return write => exportStore(expandHome(flags.data ?? defaultDirectory), write)
}

/** Returns a function that writes to `out` and waits while its buffer is full. */
const writeTo =
  (out: Writable): WriteText =>
  async text => {
    if (!out.write(text)) await once(out, 'drain')
  }

/** Runs `fill` on a new file that only its owner can read. Rejects when the file exists. */
async function writeNewFile(path: string, fill: (write: WriteText) => Promise<number>): Promise<number> {
  const file = createWriteStream(path, { flags: 'wx', mode: 0o600, flush: true })
  try {
    await once(file, 'open')
    const lines = await fill(writeTo(file))
    file.end()
    await once(file, 'close')
    return lines
  } catch (cause) {
    file.destroy()
    if ((cause as NodeJS.ErrnoException).code !== 'EEXIST') throw cause
    const { MidsentenceError } = await import('@midsentence/core')
    throw new MidsentenceError('unavailable', `${path} already exists: name a new file.`, { cause })
  }
}
