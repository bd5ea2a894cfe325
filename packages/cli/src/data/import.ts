import { once } from 'node:events'
import { createReadStream } from 'node:fs'
import { createInterface } from 'node:readline'
import { copyOptions, natsHelp, natsOfFlags } from '../cluster/nats-options.ts'
import { defineCommand } from '../define-command.ts'
import { expandHome, withoutByteOrderMark } from '../settings/read-text-file.ts'
import { defaultDirectory } from './default-directory.ts'

// `import` is a reserved word.
export const importCommand = defineCommand({
  name: 'import',
  help: `midsentence import FILE [--data DIR | --nats URLS]

Creates a data directory from the output of midsentence export; - reads standard input. It imports
all lines or nothing: a truncated file leaves no directory. With --nats, it creates the rooms in
NATS, which must have none; journals are left out. The sessions continue in the new place, so
never serve it and the exported one at the same time.

  --data DIR   The directory to create. Default: ${defaultDirectory}
${natsHelp}`,
  options: copyOptions,
  operands: ['FILE'],
  async run(flags, file) {
    const nats = natsOfFlags(flags)
    if (nats) {
      const { importCluster } = await import('@midsentence/cluster-nats')
      const lines = await importCluster(nats, readLines(file!))
      process.stdout.write(`Imported into NATS: ${lines} lines.\n`)
      return 0
    }
    const data = expandHome(flags.data ?? defaultDirectory)
    const { importStore } = await import('@midsentence/store-lmdb')
    const lines = await importStore(data, readLines(file!))
    process.stdout.write(`Imported into ${data}: ${lines} lines.\n`)
    return 0
  },
})

async function* readLines(file: string): AsyncGenerator<string> {
  const input = file === '-' ? process.stdin : createReadStream(file)
  try {
    await once(input, 'readable')
    let first = true
    for await (const line of createInterface({ input, crlfDelay: Number.POSITIVE_INFINITY })) {
      yield first ? withoutByteOrderMark(line) : line
      first = false
    }
  } catch (cause) {
    const { MidsentenceError } = await import('@midsentence/core')
    const { code } = cause as NodeJS.ErrnoException
    throw new MidsentenceError('unavailable', `${file} cannot be read (${code}): name another file.`, { cause })
  }
}
