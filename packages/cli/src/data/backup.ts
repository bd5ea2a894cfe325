import { backupStore } from '@midsentence/store-lmdb'
import { defineCommand } from '../define-command.ts'
import { describeContent } from './describe-content.ts'
import { defaultDirectory } from './stored-rooms.ts'

export const backup = defineCommand({
  name: 'backup',
  help: `midsentence backup TO [--data DIR]

Copies what a server keeps, as it is in one moment, into the new directory TO; the server may go on
meanwhile. The copy is read through, and is there only if all of it is as it was written.
To restore it, serve from it: midsentence serve --data TO. Never serve both: a session knows only
which log it belongs to, and both are that one.

  --data DIR   What to copy. Default: ${defaultDirectory}
`,
  options: { data: { type: 'string' } },
  operands: ['TO'],
  async run({ data = defaultDirectory }, to) {
    const report = await backupStore(data, to!)
    process.stdout.write(`Copied to ${to}: ${describeContent(report)}.\n`)
    return 0
  },
})
