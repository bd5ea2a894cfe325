import { defineCommand } from '../define-command.ts'
import { untilInterrupted } from '../interrupt.ts'
import { readWatchOptions, watchHelp, watchOptions } from './options.ts'

export const watch = defineCommand({
  name: 'watch',
  help: `midsentence watch URL --room ROOM [--from N]

Prints what happens in a recorded room, one line each: what is written, undone, sent and held, and
who comes and goes. First what is kept, then what happens, until Ctrl-C. You take no name there;
the participants see how many watch. A line has the time in UTC and, in brackets, the number of the
record, for --from.

${watchHelp}`,
  operands: ['URL'],
  options: watchOptions,
  async run(flags, url) {
    const options = readWatchOptions(url!, flags)
    const [{ formatRecord }, { watchItems }] = await Promise.all([
      import('./format-record.ts'),
      import('./watch-items.ts'),
    ])
    const opening = `What is recorded of the room ${options.room}: time in UTC, [number of the record], what happened. Ctrl-C ends it.`
    return untilInterrupted(
      signal =>
        watchItems(options, signal, opening, item => {
          const line =
            item.type === 'record'
              ? formatRecord(item.record)
              : `The records ${item.from} to ${item.to} are not kept any more.`
          process.stdout.write(`${line}\n`)
        }),
      { endless: true },
    )
  },
})
