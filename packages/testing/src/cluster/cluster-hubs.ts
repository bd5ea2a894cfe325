import { type ClusterHub, type ClusterHubOptions, openClusterHub } from '@midsentence/cluster-nats'
import { memoryLog, memorySessions } from '@midsentence/core'
import type { HubOptions } from '@midsentence/core/hub'
import { MemoryCluster } from './memory-cluster.ts'

/** Options of hubs in a cluster of this process. */
export type ClusterHubsOptions = Omit<HubOptions, 'onFailure'> & Pick<ClusterHubOptions, 'clusterTimes' | 'fault'>

/** Times of servers whose renewals do not fill the virtual time of a test. */
export const slowRenewals: ClusterHubsOptions['clusterTimes'] = { renew_ms: 20_000, term_ms: 60_000, dead_ms: 90_000 }

/** Opens the hubs of a cluster of several servers in this process, over logs in memory or those in `options`. */
export async function openClusterHubs(servers: number, options: ClusterHubsOptions = {}): Promise<ClusterHub[]> {
  const { log = memoryLog(), sessions = memorySessions(), scores, ...rest } = options
  const cluster = new MemoryCluster({ log, sessions, ...(scores && { scores }) })
  let ids = 0
  const newId = () => `server-${++ids}`
  return Promise.all(
    Array.from({ length: servers }, (_, at) =>
      openClusterHub({ clusterTimes: slowRenewals!, ...rest, ...cluster.server(), newId, name: `server ${at + 1}` }),
    ),
  )
}
