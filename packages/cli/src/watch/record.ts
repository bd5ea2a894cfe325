import { defineCommand } from '../define-command.ts'
import { untilInterrupted } from '../interrupt.ts'
import { usageError } from '../usage-error.ts'
import { readWatchOptions, watchHelp, watchOptions } from './options.ts'
import { createRecordFile } from './record-file.ts'

export const record = defineCommand({
  name: 'record',
  help: `midsentence record URL --room ROOM --to FILE [--from N]

Writes what happens in a recorded room to a new file, one line of JSON for each record: first what
is kept, then what happens, until Ctrl-C. Undone text is in it too.

${watchHelp}  --to FILE     The file to create.
`,
  operands: ['URL'],
  options: { ...watchOptions, to: { type: 'string' } },
  async run({ to, ...flags }, url) {
    const options = readWatchOptions(url!, flags)
    if (!to) throw usageError('You need a file to write to, as in: --to room.ndjson')
    const { watchItems } = await import('./watch-items.ts')
    const file = createRecordFile(to)
    const opening = `Recording the room ${options.room} to ${to}. Ctrl-C ends it.`
    try {
      return await untilInterrupted(
        signal => watchItems(options, signal, opening, item => file.write(item.type === 'record' ? item.record : item)),
        { endless: true },
      )
    } finally {
      file.close()
      process.stdout.write(`${file.lines} lines are in ${to}.\n`)
    }
  },
})
