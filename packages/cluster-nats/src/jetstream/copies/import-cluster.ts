import { randomUUID } from 'node:crypto'
import {
  isMidsentenceError,
  MidsentenceError,
  type RoomRecord,
  type ScoreRecord,
  type SessionRecord,
} from '@midsentence/core'
import {
  type ExportedHead,
  type ExportLine,
  invalidExport,
  logIdOf,
  parseExportLine,
  saveRoomSnapshot,
} from '@midsentence/core/hub'
import type { OwnedLogs } from '../../ports.ts'
import { endImport } from '../connection/streams.ts'
import { formatPosition } from '../logs/positions.ts'
import { type NatsClusterOptions, type OpenCluster, openCluster } from '../nats-cluster.ts'

/** Records written at a time. */
const BATCH = 1000

/** A room gets a snapshot if this many records follow the one that it has: a server would read them all to open it. */
const LONG_ROOM = 10_000

/**
 * Creates the streams of `options.prefix` from the lines of an export, also of an embedded store. They must not exist.
 * Resolves with the number of lines. Rejects with `invalid-params` if a line is invalid or the export is cut off, and then
 * removes the streams. Until the last line is written, nothing else opens them. The logs have the same id and sessions as the
 * exported ones: never serve both. Journals are not imported: a cluster has none.
 */
export async function importCluster(
  options: NatsClusterOptions,
  lines: AsyncIterable<string> | Iterable<string>,
): Promise<number> {
  let importing: ClusterImport | undefined
  let number = 0
  try {
    for await (const text of lines) {
      number++
      if (importing?.ended) throw invalidExport('it has lines after its end')
      const line = parseExportLine(text)
      if (importing) await importing.add(line, number)
      else importing = new ClusterImport(await openNew(options, logIdOf(line)))
    }
    if (!importing?.ended) throw invalidExport('its end is missing: it was cut off')
    await endImport(importing.cluster.link, importing.cluster.names.logs[0]!)
    await importing.cluster.close()
    return number
  } catch (cause) {
    if (importing) await removeStreams(importing.cluster)
    if (isMidsentenceError(cause) && cause.code !== 'internal') throw cause
    const what = cause instanceof Error ? cause.message : String(cause)
    throw new MidsentenceError(
      'invalid-params',
      `Line ${number} of the export is invalid, and nothing was imported: ${what}`,
      { cause },
    )
  }
}

async function openNew(options: NatsClusterOptions, id: string): Promise<OpenCluster> {
  const cluster = await openCluster(options, id, true)
  if (cluster.isNew) return cluster
  await cluster.close()
  throw new MidsentenceError('invalid-params', `NATS has streams of ${cluster.names.prefix} already.`, {
    remedy: 'import with another prefix, or remove these streams',
  })
}

async function removeStreams({ link, names, close }: OpenCluster): Promise<void> {
  for (const stream of [...names.logs, names.snapshots, names.scores, `KV_${names.prefix}-servers`]) {
    await link.manager.streams.delete(stream).catch(() => undefined)
  }
  await close()
}

/** A room that is being imported. */
interface ImportedRoom {
  readonly name: string
  readonly logs: OwnedLogs
}

/** Writes the lines of an export into new logs. */
class ClusterImport {
  readonly cluster: OpenCluster
  readonly #owner = randomUUID()
  #room: (ImportedRoom & { position: number; readonly before: number }) | undefined
  #records: RoomRecord[] = []
  #sessions: (ImportedRoom & { readonly records: SessionRecord[] }) | undefined
  #score: { readonly room: string; readonly records: ScoreRecord[] } | undefined
  /** Rooms with at least `LONG_ROOM` records. */
  readonly #long: string[] = []
  ended = false

  constructor(cluster: OpenCluster) {
    this.cluster = cluster
  }

  async add(line: ExportLine, number: number): Promise<void> {
    if ('record' in line) {
      if (this.#records.push(line.record) >= BATCH) await this.#writeRecords()
    } else if ('first' in line) await this.#startRoom(line.room, line.first)
    else if ('head' in line) await this.#endRoom(line)
    else if ('session' in line) await this.#addSession(line.in, line.session)
    else if ('score' in line) await this.#addScore(line.in, line.score)
    else if ('end' in line) {
      await this.#endSessions()
      await this.#writeScore()
      if (line.end !== number - 1) throw invalidExport(`${number - 1} of ${line.end} lines are there`)
      for (const room of this.#long) await this.#saveSnapshot(room)
      this.ended = true
    } else if (!('journal' in line)) throw invalidExport('its kind is unknown')
  }

  async #startRoom(name: string, first: { readonly position: number; readonly seq: number }): Promise<void> {
    await this.#endSessions()
    const { logs } = this.cluster
    const owned = await logs.claim(name, this.#owner)
    await logs.startRoomAt(name, this.#owner, first.position - 1, first.seq - 1)
    const before = first.position - 1
    this.#room = { name, logs: owned, position: before, before }
  }

  async #endRoom({ room, head, snapshots }: Extract<ExportLine, { readonly head: ExportedHead }>): Promise<void> {
    await this.#writeRecords()
    const found = this.#room
    if (found?.name !== room || found.position !== head.position) throw invalidExport(`records of ${room} are missing`)
    const snapshot = snapshots.at(-1)
    if (snapshot) {
      const position = formatPosition(Number.parseInt(snapshot.position, 10))
      await found.logs.log.snapshots!.save(room, { position, state: snapshot.state })
    }
    if (found.position - found.before >= LONG_ROOM) this.#long.push(room)
    this.#room = undefined
    await this.cluster.logs.release(room, this.#owner)
  }

  /** Called once the sessions are there: a snapshot remembers the pushes of those that are open. */
  async #saveSnapshot(room: string): Promise<void> {
    const { logs } = this.cluster
    const { log, sessions } = await logs.claim(room, this.#owner)
    const open = new Set<string>()
    for await (const { session_id } of sessions.read(room)) open.add(session_id)
    await saveRoomSnapshot(log, room, open, LONG_ROOM)
    await logs.release(room, this.#owner)
  }

  async #addSession(name: string, record: SessionRecord): Promise<void> {
    if (this.#sessions?.name !== name) {
      await this.#endSessions()
      this.#sessions = { name, logs: await this.cluster.logs.claim(name, this.#owner), records: [] }
    }
    if (this.#sessions.records.push(record) >= BATCH) await this.#writeSessions()
  }

  async #addScore(room: string, record: ScoreRecord): Promise<void> {
    // A group begins with a state, so that it can be trimmed there.
    if (this.#score?.room !== room || record.type === 'state' || this.#score.records.length >= BATCH) {
      await this.#writeScore()
    }
    this.#score ??= { room, records: [] }
    this.#score.records.push(record)
  }

  async #writeRecords(): Promise<void> {
    if (this.#records.length === 0) return
    const room = this.#room
    if (!room) throw invalidExport('a record belongs to no room')
    await room.logs.log.append(room.name, this.#records, formatPosition(room.position))
    room.position += this.#records.length
    this.#records = []
  }

  async #writeSessions(): Promise<void> {
    const { name, logs, records } = this.#sessions!
    const { sessions } = logs
    await sessions.append(name, records.splice(0), await sessions.head(name))
  }

  async #endSessions(): Promise<void> {
    if (!this.#sessions) return
    await this.#writeSessions()
    await this.cluster.logs.release(this.#sessions.name, this.#owner)
    this.#sessions = undefined
  }

  async #writeScore(): Promise<void> {
    if (this.#score) await this.cluster.logs.scores.append(this.#score.room, this.#score.records)
    this.#score = undefined
  }
}
