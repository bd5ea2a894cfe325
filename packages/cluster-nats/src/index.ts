export { type ClusterHub, type ClusterHubOptions, openClusterHub } from './hub/cluster-hub.ts'
export type { ClusterTimes } from './hub/times.ts'
export type { ClusterLogs, DirectoryEntry, OwnedLogs, ServerBus, ServerDirectory, ServerEntry } from './ports.ts'
