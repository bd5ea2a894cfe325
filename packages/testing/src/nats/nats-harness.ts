import { natsCluster } from '@midsentence/cluster-nats'
import type { Closable, StoreHarness } from '@midsentence/conformance'
import { type ClaimedLogs, claimedLogs } from './claimed-logs.ts'
import type { NatsServers } from './nats-servers.ts'

let spaces = 0

/**
 * Makes a harness of one kind of log on running NATS servers. Each has separate rooms in the same streams. A crash cuts the
 * connection; a reopened log claims its rooms for another server.
 */
export function natsHarness<Log extends Closable>(
  nats: NatsServers,
  part: (logs: ClaimedLogs) => Log,
): StoreHarness<Log> {
  const space = `${spaces++}~`
  const opened: { readonly logs: ClaimedLogs; cut(): Promise<void> }[] = []
  const open = async (): Promise<Log> => {
    const cluster = await natsCluster({ servers: nats.urls, partitions: 2, retryMs: 10_000 })
    const logs = claimedLogs(cluster, space)
    opened.push({ logs, cut: () => cluster.connection.close() })
    return part(logs)
  }
  return {
    open,
    reopen: async () => {
      await opened.at(-1)?.logs.close()
      return open()
    },
    crash: () => opened.at(-1)?.cut(),
    close: async () => {
      await Promise.all(opened.map(({ logs }) => logs.close()))
    },
  }
}
