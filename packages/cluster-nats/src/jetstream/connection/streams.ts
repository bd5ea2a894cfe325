import { MidsentenceError } from '@midsentence/core'
import { JetStreamApiError, RetentionPolicy, StorageType, type StreamInfo } from '@nats-io/jetstream'
import { noAnswer } from '../entries/errors.ts'
import { type StreamLink, tries } from '../entries/stream-link.ts'
import type { StreamNames } from '../logs/cluster-logs.ts'

/** What the first stream says in its description. */
interface LogsIdentity {
  readonly midsentence: 'logs'
  readonly version: number
  /** Id of the logs. */
  readonly id: string
  readonly partitions: number
  /** All streams are there. One that is missing later was lost. */
  readonly complete?: true
  /** Rooms are being imported, or an import was cut off. */
  readonly importing?: true
}

const VERSION = 1

/** Codes of JetStream: there is no such stream, it exists with other settings, and too few servers for its replicas. */
const [NOT_FOUND, EXISTS, TOO_FEW, NOT_CLUSTERED] = [10059, 10058, 10005, 10074]

/** Memory of message ids, in nanoseconds. Longer than any write is tried again. */
const DUPLICATE_WINDOW_NS = 120e9

export interface ProvisionOptions {
  readonly prefix: string
  readonly partitions: number
  /** Undefined: 3 where NATS is a cluster, otherwise 1. */
  readonly replicas: number | undefined
  /** Id of new logs. Null: they must exist. */
  readonly id: string | null
  /** New ones are refused elsewhere until `endImport`. */
  readonly importing: boolean
}

/** The streams of a cluster. */
export interface ProvisionedStreams {
  readonly names: StreamNames
  readonly id: string
  readonly replicas: number
  /** This call created the first one. */
  readonly isNew: boolean
}

/** Creates the streams that are not there, one after the other: JetStream may time out when many are created at once. */
export async function provisionStreams(link: StreamLink, options: ProvisionOptions): Promise<ProvisionedStreams> {
  const { prefix, partitions: wanted } = options
  const first = logsStream(prefix, 0)
  const identity: LogsIdentity = {
    ...{ midsentence: 'logs', version: VERSION, id: options.id ?? '', partitions: wanted },
    ...(options.importing && { importing: true as const }),
  }
  if (options.id === null && !(await infoOf(link, first)))
    throw new MidsentenceError('unavailable', `NATS has no rooms of midsentence under the prefix ${prefix}.`)
  const found = await ensure(link, first, logsSubjects(prefix, 0), JSON.stringify(identity), options.replicas)
  const { id, partitions, complete, importing } = readIdentity(found)
  if (importing && (!options.importing || complete)) throw unfinished(prefix)
  const replicas = options.replicas ?? found.config.num_replicas
  // A server alone accepts any number for a stream that exists, and keeps one copy.
  if (replicas > 1 && !found.cluster?.name)
    throw refusedStream('replicate', first, replicas, new Error('NATS is no cluster'))
  const logs = Array.from({ length: partitions }, (_, at) => logsStream(prefix, at))
  const names = { prefix, partitions, logs, snapshots: `${prefix}-snapshots`, scores: `${prefix}-scores` }
  const others = [
    ...logs.map((name, at) => [name, logsSubjects(prefix, at)] as const).slice(1),
    [names.snapshots, [`${prefix}.snapshot.*`]] as const,
    [names.scores, [`${prefix}.score.*`]] as const,
  ]
  await setReplicas(link, found, options.replicas)
  for (const [name, subjects] of others) {
    const existing = complete ? await infoOf(link, name) : undefined
    if (complete && !existing) {
      throw new MidsentenceError('internal', `The stream ${name} is gone, with the rooms in it.`, {
        remedy: 'restore it from a backup',
      })
    }
    const stream =
      existing ?? (await ensure(link, name, subjects, JSON.stringify({ midsentence: 'logs', id }), replicas))
    if (idIn(stream) !== id) {
      throw new MidsentenceError('internal', `The stream ${name} belongs to other logs than ${first}.`)
    }
    await setReplicas(link, stream, options.replicas)
  }
  if (!complete) {
    const description = JSON.stringify({ ...identity, id, partitions, complete: true })
    await retried(link, () => link.manager.streams.update(first, { description }))
  }
  return { names, id, replicas, isNew: id === options.id && !complete }
}

const logsStream = (prefix: string, partition: number): string => `${prefix}-logs-${partition}`

/** Subjects of a partition. Scratch subjects for checks are in the first one. */
const logsSubjects = (prefix: string, partition: number): string[] => [
  `${prefix}.room.${partition}.*`,
  `${prefix}.sessions.${partition}.*`,
  ...(partition === 0 ? [`${prefix}.check.*`] : []),
]

/** Returns the stream, which is created if it is not there. Another server may create it meanwhile. */
async function ensure(
  link: StreamLink,
  name: string,
  subjects: readonly string[],
  description: string,
  replicas: number | undefined,
): Promise<StreamInfo> {
  const existing = await infoOf(link, name)
  if (existing) return existing
  const wanted = replicas ?? (link.connection.info?.cluster ? 3 : 1)
  // NATS servers that have just started may know of each other's space only after half a minute.
  const again = tries({ ...link, retryMs: 2 * link.retryMs })
  for (;;) {
    try {
      return await retried(link, () =>
        link.manager.streams.add({
          name,
          subjects: [...subjects],
          description,
          num_replicas: wanted,
          retention: RetentionPolicy.Limits,
          storage: StorageType.File,
          // Reads must come from the leader.
          allow_direct: false,
          duplicate_window: DUPLICATE_WINDOW_NS,
        }),
      )
    } catch (error) {
      const code = error instanceof JetStreamApiError ? error.code : undefined
      const found = code === EXISTS ? await infoOf(link, name) : undefined
      if (found) return found
      const hasTooFew = isTooFew(error)
      const isAlone = code === NOT_CLUSTERED && !link.connection.info?.cluster
      if (hasTooFew && wanted > 1 && !isAlone && (await again())) continue
      throw refusedStream('create', name, wanted, error)
    }
  }
}

/** Marks imported streams as whole. */
export async function endImport(link: StreamLink, first: string): Promise<void> {
  const { config } = (await infoOf(link, first))!
  const { importing: _, ...identity } = readIdentity({ config })
  await retried(link, () => link.manager.streams.update(first, { description: JSON.stringify(identity) }))
}

const unfinished = (prefix: string): MidsentenceError =>
  new MidsentenceError(
    'unavailable',
    `The import into NATS under the prefix ${prefix} has not ended, or was cut off.`,
    {
      remedy: 'remove the streams of this prefix, and import again',
    },
  )

async function setReplicas(link: StreamLink, { config }: StreamInfo, replicas: number | undefined): Promise<void> {
  if (replicas === undefined || config.num_replicas === replicas) return
  await retried(link, () => link.manager.streams.update(config.name, { num_replicas: replicas })).catch(error => {
    throw isAnswer(error) ? refusedStream('change', config.name, replicas, error) : error
  })
}

/** Creates the error of a stream that JetStream refuses to create or to change. */
function refusedStream(verb: string, name: string, replicas: number, cause: unknown): MidsentenceError {
  const why = cause instanceof Error ? cause.message : String(cause)
  const hasTooFew = isTooFew(cause) || verb === 'replicate'
  const need = ` ${replicas} replicas need as many NATS servers in one cluster, with JetStream and free space`
  return new MidsentenceError(
    'unavailable',
    `JetStream did not ${verb} the stream ${name}: ${why}.${hasTooFew ? need : ''}`,
    {
      cause,
      ...(hasTooFew && { remedy: 'start those that are missing, or set replicas to 1, which keeps one copy' }),
    },
  )
}

const isTooFew = (error: unknown): boolean =>
  error instanceof JetStreamApiError && (error.code === TOO_FEW || error.code === NOT_CLUSTERED)

const isAnswer = (error: unknown): error is JetStreamApiError =>
  error instanceof JetStreamApiError && error.status !== 503

async function infoOf(link: StreamLink, name: string): Promise<StreamInfo | undefined> {
  return retried(link, async () => {
    try {
      return await link.manager.streams.info(name)
    } catch (error) {
      if (error instanceof JetStreamApiError && error.code === NOT_FOUND) return undefined
      throw error
    }
  })
}

/** Tries a request again until JetStream answers it. */
async function retried<T>(link: StreamLink, request: () => Promise<T>): Promise<T> {
  const again = tries(link)
  for (;;) {
    try {
      return await request()
    } catch (error) {
      if (isAnswer(error)) throw error
      if (!(await again())) throw noAnswer(error)
    }
  }
}

function readIdentity({ config }: Pick<StreamInfo, 'config'>): LogsIdentity {
  const identity = parsed(config.description)
  if (identity?.midsentence !== 'logs' || typeof identity.partitions !== 'number') {
    throw new MidsentenceError('internal', `The stream ${config.name} was not created by midsentence.`)
  }
  if (identity.version !== VERSION) {
    throw new MidsentenceError('internal', `A newer midsentence created the stream ${config.name}.`)
  }
  return identity as LogsIdentity
}

const idIn = ({ config }: StreamInfo): unknown => parsed(config.description)?.id

function parsed(text: string | undefined): Partial<LogsIdentity> | undefined {
  try {
    return JSON.parse(text ?? '') as Partial<LogsIdentity>
  } catch {
    return undefined
  }
}
