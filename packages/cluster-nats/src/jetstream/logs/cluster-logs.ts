import type { RoomLog } from '@midsentence/core'
import type { ClusterLogs, OwnedLogs } from '../../ports.ts'
import { closedError, notOwner } from '../entries/errors.ts'
import { subjectsIn } from '../entries/read-entries.ts'
import type { StreamLink } from '../entries/stream-link.ts'
import { SubjectLog } from '../entries/subject-log.ts'
import { encodeToken, partitionOf, roomIn } from '../entries/tokens.ts'
import type { ClusterRetention } from './remove-oldest.ts'
import { ownedRoomLog } from './room-log.ts'
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
interface ClaimedRoom extends OwnedLogs {
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
  const owned = new Map<string, ClaimedRoom>()
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
  /** Returns the rooms with a subject of a kind. */
  const roomsOf = async (kind: 'room' | 'sessions'): Promise<readonly string[]> => {
    const found: string[] = []
    for (const [partition, stream] of names.logs.entries()) {
      for (const subject of await subjectsIn(link, stream, `${prefix}.${kind}.${partition}.*`))
        found.push(roomIn(subject))
    }
    return found
  }
  const roomOf = (room: string, id: string): ClaimedRoom => {
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
    async claim(room, owner, mayTake) {
      check()
      const { room: roomLog, snapshots } = subjects(room, owner)
      await roomLog.claim(async before => !mayTake || mayTake(before === '' ? undefined : before))
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
      for (const found of chunks(await roomsOf('sessions'))) {
        const others = found.filter(room => !owned.has(room))
        const marks = await Promise.all(others.map(async room => (await subjects(room).sessions.load()).mark))
        yield* others.filter((_, nth) => marks[nth]! > 0)
      }
    },
    async startRoomAt(room, id, records, mark) {
      const { room: log } = roomOf(room, id)
      await log.run(() => log.confirm({ records, mark }))
    },
    async *allRooms() {
      check()
      yield* new Set([...(await roomsOf('room')), ...(await roomsOf('sessions'))])
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

const closeRoom = async (room: ClaimedRoom | undefined): Promise<void> => {
  await Promise.all([room?.log.close(), room?.sessions.close()])
}

/** How many rooms are read at once. */
const CHUNK = 64

function* chunks<T>(items: readonly T[]): Generator<readonly T[]> {
  for (let at = 0; at < items.length; at += CHUNK) yield items.slice(at, at + CHUNK)
}
