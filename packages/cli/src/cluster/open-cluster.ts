import { hostname } from 'node:os'
import type { NatsCluster, NatsClusterOptions } from '@midsentence/cluster-nats'
import type { Hub, HubOptions } from '@midsentence/server'
import type { parseRetention } from '../data/retention.ts'
import { readSecret, type SettingValues } from '../settings/read-settings.ts'
import { usageError } from '../usage-error.ts'
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
  const cluster = await natsCluster({ ...natsOptionsOf(settings), retention })
  const name = settings['server-name'] || hostname()
  return {
    openHub: options => openClusterHub({ ...options, ...cluster, name }),
    greeting: greetingOf(settings, cluster),
    warnings: cluster.warnings,
    close: () => cluster.close(),
  }
}

/** Returns how to connect, as the settings have it. */
export function natsOptionsOf(settings: ClusterSettings): NatsClusterOptions {
  const secret = (name: 'nats-password-file' | 'nats-token-file') =>
    settings[name] === undefined ? undefined : readSecret(settings[name], `--${name}`)
  const [password, token] = [secret('nats-password-file'), secret('nats-token-file')]
  if (!/^[\w-]+$/.test(settings['nats-prefix'])) throw usageError('--nats-prefix has only letters, digits, _ and -.')
  const { 'nats-ca': ca, 'nats-certificate': certificate, 'nats-key': key, 'nats-credentials': credentials } = settings
  const isTls = [ca, certificate, key].some(each => each !== undefined)
  const tls = {
    ...(ca !== undefined && { ca }),
    ...(certificate !== undefined && { certificate }),
    ...(key !== undefined && { key }),
  }
  return {
    servers: settings.nats,
    prefix: settings['nats-prefix'],
    ...(settings.replicas !== undefined && { replicas: settings.replicas }),
    ...(settings['nats-flushed'] && { sync: 'always' as const }),
    ...(settings['nats-user'] !== '' && { user: settings['nats-user'] }),
    ...(password !== undefined && { password }),
    ...(token !== undefined && { token }),
    ...(credentials !== undefined && { credentials }),
    ...(isTls && { tls }),
  }
}

function greetingOf({ nats }: ClusterSettings, { replicas }: NatsCluster): string {
  const copies = replicas > 1 ? `on ${replicas} NATS servers` : 'on one NATS server'
  return `Rooms and drafts are kept ${copies}, which this server shares with others: ${nats.join(', ')}.`
}
