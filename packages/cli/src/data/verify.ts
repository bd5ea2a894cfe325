import { defineCommand } from '../define-command.ts'
import { expandHome } from '../settings/read-text-file.ts'
import { defaultDirectory } from './default-directory.ts'
import { describeContent } from './describe-content.ts'

export const verify = defineCommand({
  name: 'verify',
  help: `midsentence verify [--data DIR]

Reads a data directory and compares every record with its checksum and its position. The server may
run meanwhile. Changes nothing. Exits with 0 when all records are intact. Otherwise it lists the
damage and exits with 1: then restore a backup. The scores of recorded rooms are read too. They are
in no backup: erase a damaged one with midsentence admin, or stop the server and remove DIR/score.

  --data DIR   The directory to read. Default: ${defaultDirectory}
`,
  options: { data: { type: 'string' } },
  async run({ data: directory = defaultDirectory }) {
    const data = expandHome(directory)
    const { verifyStore } = await import('@midsentence/store-lmdb')
    const report = await verifyStore(data)
    if (report.problems.length === 0) {
      process.stdout.write(`All records are intact: ${describeContent(report)}.\n`)
      return 0
    }
    for (const problem of report.problems) process.stderr.write(`midsentence: ${problem}\n`)
    return 1
  },
})
