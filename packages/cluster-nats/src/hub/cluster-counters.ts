/** Counts what a server of a cluster does, for its operator. */
export class ClusterCounters {
  callsSent = 0
  callsReceived = 0
  lostLinks = 0
  evictions = 0
  leaseInterruptions = 0
  claims = 0
  claimMs = 0
}
