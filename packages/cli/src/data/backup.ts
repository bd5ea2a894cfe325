import { defineCommand } from '../define-command.ts'
import { expandHome } from '../settings/read-text-file.ts'
import { defaultDirectory } from './default-directory.ts'
import { describeContent } from './describe-content.ts'

export const backup = defineCommand({
  name: 'backup',
  help: `midsentence backup TO [--data DIR]

Copies a data directory, as of one moment, into the new directory TO. The server may run meanwhile.
The copy is verified; a copy with damage is deleted again.
To restore, serve from the copy: midsentence serve --data TO. Never serve the original and the copy
at the same time: both hold the same sessions.

  --data DIR   The directory to copy. Default: ${defaultDirectory}
`,
  options: { data: { type: 'string' } },
  operands: ['TO'],
  async run({ data: directory = defaultDirectory }, to) {
    const data = expandHome(directory)
    const { backupStore } = await import('@midsentence/store-lmdb')
    const report = await backupStore(data, to!)
    process.stdout.write(`Copied to ${to}: ${describeContent(report)}.\n`)
    return 0
  },
})
