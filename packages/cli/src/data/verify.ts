import { verifyStore } from '@midsentence/store-lmdb'
import { defineCommand } from '../define-command.ts'
import { describeContent } from './describe-content.ts'
import { defaultDirectory } from './stored-rooms.ts'

export const verify = defineCommand({
  name: 'verify',
  help: `midsentence verify [--data DIR]

Reads all of what a server keeps, also while it runs, and holds every record against its checksum
and its place: nothing is missing, nothing is something else. Changes nothing. Ends with 0 where
all is as it was written, else says what is not and ends with 1: then restore a backup.

  --data DIR   What to read. Default: ${defaultDirectory}
`,
  options: { data: { type: 'string' } },
  async run({ data = defaultDirectory }) {
    const report = await verifyStore(data)
    if (report.problems.length === 0) {
      process.stdout.write(`All is as it was written: ${describeContent(report)}.\n`)
      return 0
    }
    for (const problem of report.problems) process.stderr.write(`midsentence: ${problem}\n`)
    return 1
  },
})
