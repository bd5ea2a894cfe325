import { copyOptions, natsHelp, natsOfFlags } from '../cluster/nats-options.ts'
import { defineCommand } from '../define-command.ts'
import { expandHome } from '../settings/read-text-file.ts'
import { defaultDirectory } from './default-directory.ts'
import { type DescribedReport, describeContent } from './describe-content.ts'

export const verify = defineCommand({
  name: 'verify',
  help: `midsentence verify [--data DIR | --nats URLS]

Reads a data directory and compares every record with its checksum and its position. The server may
run meanwhile. Changes nothing. Exits with 0 when all records are intact. Otherwise it lists the
damage and exits with 1: then restore a backup. The scores of recorded rooms are read too. They are
in no backup: erase a damaged one with midsentence admin, or stop the server and remove DIR/score.

  --data DIR   The directory to read. Default: ${defaultDirectory}
${natsHelp}`,
  options: copyOptions,
  async run(flags) {
    const report = await reportOn(flags)
    if (report.problems.length === 0) {
      process.stdout.write(`All records are intact: ${describeContent(report)}.\n`)
      return 0
    }
    for (const problem of report.problems) process.stderr.write(`midsentence: ${problem}\n`)
    return 1
  },
})

async function reportOn(flags: { readonly data?: string }): Promise<DescribedReport> {
  const nats = natsOfFlags(flags)
  if (nats) {
    const { verifyCluster } = await import('@midsentence/cluster-nats')
    return verifyCluster(nats)
  }
  const { verifyStore } = await import('@midsentence/store-lmdb')
  return verifyStore(expandHome(flags.data ?? defaultDirectory))
}
