import { randomUUID } from 'node:crypto'
import { type Clock, MidsentenceError, type RoomLog, systemClock } from '@midsentence/core'
import { SCORE_BYTES } from '@midsentence/core/hub'
import { jetstream, jetstreamManager } from '@nats-io/jetstream'
import { type NatsConnection, PermissionViolationError } from '@nats-io/transport-node'
import type { ClusterLogs, ServerBus, ServerDirectory } from '../ports.ts'
import { openBus } from './connection/bus.ts'
import { checkExpectations } from './connection/check-expectations.ts'
import { connectNats, type NatsAddress, versionsOf } from './connection/connect.ts'
import { openDirectory } from './connection/directory.ts'
import { checkVersions } from './connection/server-versions.ts'
import { provisionStreams } from './connection/streams.ts'
import type { StreamLink } from './entries/stream-link.ts'
import { type JetstreamLogs, jetstreamLogs, type StreamNames } from './logs/cluster-logs.ts'
import type { ClusterRetention } from './logs/remove-oldest.ts'

export interface NatsClusterOptions extends NatsAddress {
  /** Names of subjects, streams and buckets begin with it: letters, digits, `_` and `-`. Default `midsentence`. */
  readonly prefix?: string
  /** Copies of each stream. Default: that of existing streams; for new ones 3 where NATS is a cluster, else 1. */
  readonly replicas?: number
  /** Number of streams that rooms are spread over. Fixed when they are created. Default 4. */
  readonly partitions?: number
  /** `always`: the servers flush each write before they acknowledge it (`sync_interval: always`). They do not tell it. */
  readonly sync?: 'always'
  /** What each room keeps of its messages. Default: all. */
  readonly retention?: ClusterRetention
  /** Maximum bytes of all scores, about. Default 256 MB. */
  readonly scoreBytes?: number
  /** How long a call is tried again while JetStream does not answer, in milliseconds. Default 20,000. */
  readonly retryMs?: number
  /** Name of the connection, for operators. Default `midsentence`. */
  readonly name?: string
  readonly clock?: Clock
}

/** The engine of a cluster, open on one server. */
export interface NatsCluster {
  readonly logs: ClusterLogs
  readonly directory: ServerDirectory
  readonly bus: ServerBus
  readonly connection: NatsConnection
  /** Copies of each stream. */
  readonly replicas: number
  /** This call created its first stream. */
  readonly isNew: boolean
  /** Sentences for the operator. */
  readonly warnings: readonly string[]
  /** Closes the logs, then the connection. Idempotent. */
  close(): Promise<void>
}

/** A token of a NATS subject that is also the name of a stream. */
const PREFIX = /^[\w-]+$/

const ONE_COPY =
  'NATS is a cluster, but each stream has one copy: the loss of its server loses messages. Start once with --replicas 3.'
const POWER_CUT = 'One nats-server without `sync_interval: always` loses writes in a power cut.'

const [DEFAULT_PARTITIONS, DEFAULT_RETRY_MS] = [4, 20_000]

/** A cluster with what copies and checks need besides. */
export interface OpenCluster extends NatsCluster {
  readonly link: StreamLink
  readonly names: StreamNames
  readonly logs: JetstreamLogs
}

/**
 * Connects to NATS, checks that its servers keep writes in order, and opens the logs, which are created if they are not
 * there. Rejects with `unavailable` if NATS does not answer or cannot be used, and with `internal` if streams are lost.
 */
export const natsCluster = (options: NatsClusterOptions): Promise<NatsCluster> => openCluster(options)

/** As `natsCluster`, for logs that exist. Rejects with `unavailable` if there are none: nothing is created. */
export const existingCluster = (options: NatsClusterOptions): Promise<OpenCluster> => openCluster(options, null)

/**
 * As `natsCluster`. New logs get the id `newId`; null: none are created. Default: a random one. `importing`: new logs are
 * refused to all others until `endImport`.
 */
export async function openCluster(
  options: NatsClusterOptions,
  newId: string | null = randomUUID(),
  importing = false,
): Promise<OpenCluster> {
  const { prefix = 'midsentence', partitions = DEFAULT_PARTITIONS, clock = systemClock() } = options
  if (!PREFIX.test(prefix))
    throw new TypeError(`The prefix ${prefix} has other characters than letters, digits, _ and -.`)
  const connection = await connectNats(options, options.name ?? 'midsentence')
  try {
    const manager = await jetstreamManager(connection).catch(cause => {
      const violation = violationIn(cause)
      if (violation)
        throw new MidsentenceError('unavailable', `NATS gives this user too few rights: ${violation.message}.`, {
          cause,
        })
      throw new MidsentenceError(
        'unavailable',
        `JetStream is off on ${connection.getServer()}, or has no leader since most NATS servers are down.`,
        { cause },
      )
    })
    const retryMs = options.retryMs ?? DEFAULT_RETRY_MS
    const link: StreamLink = { connection, client: jetstream(connection), manager, clock, retryMs, isClosing: false }
    const versions = [...(await versionsOf(options)), connection.info?.version ?? '']
    const streams = await provisionStreams(link, {
      prefix,
      partitions,
      replicas: options.replicas,
      id: newId,
      importing,
    })
    const { names, id, replicas, isNew } = streams
    const warnings = checkVersions(versions, replicas)
    await checkExpectations(link, names.logs[0]!, prefix)
    const durability = durabilityOf(replicas, options.sync)
    if (durability === 'memory') warnings.push(connection.info?.cluster ? ONE_COPY : POWER_CUT)
    const logs = jetstreamLogs(link, {
      names,
      id,
      durability,
      retention: options.retention ?? {},
      scoreBytes: options.scoreBytes ?? SCORE_BYTES,
      writer: randomUUID(),
    })
    const directory = await openDirectory(link, `${prefix}-servers`, replicas)
    const bus = openBus(link, `${prefix}.server`)
    const close = async (): Promise<void> => {
      await logs.close()
      await connection.close()
    }
    return { logs, directory, bus, connection, replicas, warnings, close, link, names, isNew }
  } catch (error) {
    await connection.close()
    throw error
  }
}

/** Returns what an acknowledged write survives. Without flushes, one server keeps it through a crash of its process only. */
function durabilityOf(replicas: number, sync: 'always' | undefined): RoomLog['durability'] {
  if (replicas > 1) return sync === 'always' ? 'replicated-flushed' : 'replicated'
  return sync === 'always' ? 'flushed' : 'memory'
}

const violationIn = (error: unknown): PermissionViolationError | undefined => {
  if (error instanceof PermissionViolationError) return error
  return error instanceof Error ? violationIn(error.cause) : undefined
}
