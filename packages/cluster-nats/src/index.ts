export type { ClusterLogs, DirectoryEntry, OwnedLogs, ServerBus, ServerDirectory, ServerEntry } from './ports.ts'
