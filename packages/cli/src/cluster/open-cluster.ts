import { hostname } from 'node:os'
import type { NatsCluster } from '@midsentence/cluster-nats'
import type { Hub, HubOptions } from '@midsentence/server'
import type { parseRetention } from '../data/retention.ts'
import type { SettingValues } from '../settings/read-settings.ts'
import { natsOptionsOf } from './nats-options.ts'
import type { clusterSettings } from './settings.ts'

type ClusterSettings = SettingValues<typeof clusterSettings>

/** A server's part in a cluster. */
export interface OpenedCluster {
  /** Opens the hub of this server. */
  openHub(options: HubOptions): Promise<Hub>
  /** Line that says where data is kept, for the start of a server. */
  readonly greeting: string
  readonly warnings: readonly string[]
  /** Call it after the hub is closed. */
  close(): Promise<void>
}

/** Connects to NATS. Loads its client only here. Rejects with a sentence if that fails. */
export async function openCluster(
  settings: ClusterSettings,
  retention: ReturnType<typeof parseRetention>,
): Promise<OpenedCluster> {
  const { natsCluster, openClusterHub } = await import('@midsentence/cluster-nats')
  const cluster = await natsCluster({
    ...natsOptionsOf(settings),
    ...(settings.replicas !== undefined && { replicas: settings.replicas }),
    ...(settings['nats-flushed'] && { sync: 'always' as const }),
    retention,
  })
  const name = settings['server-name'] || hostname()
  return {
    openHub: options => openClusterHub({ ...options, ...cluster, name }),
    greeting: greetingOf(settings, cluster),
    warnings: cluster.warnings,
    close: () => cluster.close(),
  }
}

function greetingOf({ nats, 'nats-prefix': prefix }: ClusterSettings, { replicas, isNew }: NatsCluster): string {
  const copies = replicas > 1 ? `on ${replicas} NATS servers` : 'on one NATS server'
  // A wrong prefix shows here.
  const created = isNew ? `\nNATS had no rooms under the prefix ${prefix}: streams for them were created.` : ''
  return `Rooms and drafts are kept ${copies}, which this server shares with others: ${nats.join(', ')}.${created}`
}
