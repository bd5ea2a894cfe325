import { type ClusterHub, type ClusterHubOptions, openClusterHub } from '@midsentence/cluster-nats'
import type { HubOptions } from '@midsentence/core/hub'
import { MemoryCluster, type MemoryClusterLogs } from './memory-cluster.ts'

/** Options of hubs in a cluster of this process. */
export type ClusterHubsOptions = Omit<HubOptions, 'onFailure'> & Pick<ClusterHubOptions, 'clusterTimes' | 'fault'>

/** Opens the hubs of a cluster of several servers in this process, over logs in memory or those in `options`. */
export async function openClusterHubs(servers: number, options: ClusterHubsOptions = {}): Promise<ClusterHub[]> {
  const { log, sessions, scores, ...rest } = options
  const logs = log && sessions && ({ log, sessions, ...(scores && { scores }) } satisfies MemoryClusterLogs)
  const cluster = new MemoryCluster(logs)
  let ids = 0
  const newId = () => `server-${++ids}`
  return Promise.all(
    Array.from({ length: servers }, (_, at) =>
      openClusterHub({ ...rest, ...cluster.server(), newId, name: `server ${at + 1}` }),
    ),
  )
}
