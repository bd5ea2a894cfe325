import type { RoomLog } from '@midsentence/core'
import { DeliverPolicy } from '@nats-io/jetstream'
import type { ClusterLogs, OwnedLogs } from '../../ports.ts'
import { type EntryHead, HEAD } from '../entries/entry.ts'
import { closedError, noAnswer, notOwner } from '../entries/errors.ts'
import type { StreamLink } from '../entries/stream-link.ts'
import { SubjectLog } from '../entries/subject-log.ts'
import { encodeToken, partitionOf, roomIn } from '../entries/tokens.ts'
import { type ClusterRetention, ownedRoomLog } from './room-log.ts'
import { clusterScores } from './score-log.ts'
import { ownedSessionLog } from './session-log.ts'

/** Names of the streams of a cluster, and of its subjects. */
export interface StreamNames {
  readonly prefix: string
  readonly partitions: number
  /** Streams with the rooms and sessions of each partition. */
  readonly logs: readonly string[]
  readonly snapshots: string
  readonly scores: string
}

export interface ClusterLogsOptions {
  readonly names: StreamNames
  readonly id: string
  readonly durability: RoomLog['durability']
  readonly retention: ClusterRetention
  readonly scoreBytes: number
  /** Random. Writes of this process that are not for an owner have it. */
  readonly writer: string
}

/** A room that this process owns. */
interface OwnedRoom extends OwnedLogs {
  readonly id: string
  readonly room: SubjectLog
  readonly session: SubjectLog
}

/** The logs of all rooms in JetStream, with what copies and checks need besides. */
export interface JetstreamLogs extends ClusterLogs {
  /** Starts a claimed room without records after `records` records and the message `mark`. */
  startRoomAt(room: string, id: string, records: number, mark: number): Promise<void>
  /** The names of all rooms that have records or an owner, or that have sessions, in no particular order. */
  allRooms(): AsyncIterable<string>
  /** Opens the subjects of a room without an owner, for reading. */
  subjects(room: string): Readonly<Record<'room' | 'sessions' | 'snapshots', SubjectLog>>
}

/** The logs of all rooms in JetStream. */
export function jetstreamLogs(link: StreamLink, options: ClusterLogsOptions): JetstreamLogs {
  const { names, id: logId, durability, retention, scoreBytes, writer } = options
  const { prefix, partitions } = names
  const owned = new Map<string, OwnedRoom>()
  let closed = false

  const scores = clusterScores(link, {
    stream: names.scores,
    prefix: `${prefix}.score`,
    owner: writer,
    durability,
    bytes: scoreBytes,
  })
  const check = (): void => {
    if (closed || link.isClosing) throw closedError('logs')
  }
  const subjects = (room: string, owner = writer, term = 0) => {
    const partition = partitionOf(room, partitions)
    const token = encodeToken(room)
    const open = (stream: string, subject: string) => new SubjectLog(link, { room, owner, term, stream, subject })
    return {
      room: open(names.logs[partition]!, `${prefix}.room.${partition}.${token}`),
      sessions: open(names.logs[partition]!, `${prefix}.sessions.${partition}.${token}`),
      snapshots: open(names.snapshots, `${prefix}.snapshot.${token}`),
    }
  }
  const roomOf = (room: string, id: string): OwnedRoom => {
    check()
    const found = owned.get(room)
    if (found?.id !== id) throw notOwner(room)
    return found
  }

  return {
    id: logId,
    durability,
    scores,
    async ownerOf(room) {
      check()
      const { owner } = await subjects(room).room.load()
      return owner === '' ? undefined : owner
    },
    async hasSessions(room) {
      check()
      return (await subjects(room).sessions.load()).mark > 0
    },
    async claim(room, owner) {
      check()
      const { room: roomLog, snapshots } = subjects(room, owner)
      await roomLog.claim()
      const { sessions: session } = subjects(room, owner, roomLog.state.last)
      await session.claim()
      check()
      await closeRoom(owned.get(room))
      const now = () => link.clock.now()
      const log = ownedRoomLog(roomLog, snapshots, { room, id: logId, durability, retention, now })
      const sessions = ownedSessionLog(session, room, durability)
      owned.set(room, { id: owner, room: roomLog, session, log, sessions })
      return { log, sessions }
    },
    async confirm(room, id) {
      const { room: log } = roomOf(room, id)
      await log.run(() => log.confirm())
    },
    async release(room, id) {
      const { room: log, session } = roomOf(room, id)
      await log.run(() => log.confirm({ owner: '' }))
      if (owned.get(room)?.room === log) owned.delete(room)
      // A room without any records leaves nothing.
      if (log.state.records === 0) await log.purge(log.state.last + 1)
      if (session.state.records === 0) await session.purge(session.state.last + 1)
      await Promise.all([log.close(), session.close()])
    },
    async *rooms() {
      check()
      for (const [room, { session }] of owned) if (session.state.mark > 0) yield room
      for (const [partition, stream] of names.logs.entries()) {
        for await (const room of openRooms(link, stream, `${prefix}.sessions.${partition}.*`)) {
          if (!owned.has(room)) yield room
        }
      }
    },
    async startRoomAt(room, id, records, mark) {
      const { room: log } = roomOf(room, id)
      await log.run(() => log.confirm({ records, mark }))
    },
    async *allRooms() {
      check()
      const found = new Set<string>()
      for (const [partition, stream] of names.logs.entries()) {
        for (const kind of ['room', 'sessions']) {
          const { state } = await link.manager.streams.info(stream, {
            subjects_filter: `${prefix}.${kind}.${partition}.*`,
          })
          for (const subject of Object.keys(state.subjects ?? {})) found.add(roomIn(subject))
        }
      }
      yield* found
    },
    subjects,
    async close() {
      closed = true
      link.isClosing = true
      await scores.close()
      await Promise.all([...owned.values()].map(closeRoom))
      owned.clear()
    },
  }
}

const closeRoom = async (room: OwnedRoom | undefined): Promise<void> => {
  await Promise.all([room?.log.close(), room?.sessions.close()])
}

/** Yields the rooms of which the newest entry says that sessions are open, as some replica of the stream knows it. */
async function* openRooms(link: StreamLink, stream: string, filter: string): AsyncGenerator<string> {
  const consumer = await link.client.consumers
    .get(stream, { filter_subjects: filter, deliver_policy: DeliverPolicy.LastPerSubject, headers_only: true })
    .catch(error => {
      throw noAnswer(error)
    })
  try {
    let { num_pending: left } = await consumer.info(true)
    if (left === 0) return
    const messages = await consumer.consume()
    for await (const message of messages) {
      const head = JSON.parse(message.headers?.get(HEAD) ?? '{"mark":0}') as EntryHead
      if (head.mark > 0) yield roomIn(message.subject)
      left = Math.min(left - 1, message.info.pending)
      if (left <= 0) break
    }
    messages.stop()
  } finally {
    consumer.delete().catch(() => undefined)
  }
}
