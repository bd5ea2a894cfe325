import { once } from 'node:events'
import { createReadStream } from 'node:fs'
import { createInterface } from 'node:readline'
import { MidsentenceError } from '@midsentence/core'
import { importStore } from '@midsentence/store-lmdb'
import { defineCommand } from '../define-command.ts'
import { defaultDirectory } from './stored-rooms.ts'

// Not `import`, which is a word of the language.
export const importCommand = defineCommand({
  name: 'import',
  help: `midsentence import FILE [--data DIR]

Makes a new directory from what midsentence export wrote; - is standard input. All of it is taken,
or nothing: a file that was cut off leaves no directory behind. Its sessions go on there: never
serve it beside the one that was exported.

  --data DIR   The directory to make. Default: ${defaultDirectory}
`,
  options: { data: { type: 'string' } },
  operands: ['FILE'],
  async run({ data = defaultDirectory }, file) {
    const lines = await importStore(data, readLines(file!))
    process.stdout.write(`Taken into ${data}: ${lines} lines.\n`)
    return 0
  },
})

async function* readLines(file: string): AsyncGenerator<string> {
  const input = file === '-' ? process.stdin : createReadStream(file)
  try {
    await once(input, 'readable')
    yield* createInterface({ input, crlfDelay: Number.POSITIVE_INFINITY })
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException
    throw new MidsentenceError('unavailable', `${file} cannot be read (${code}): name another file.`, { cause })
  }
}
