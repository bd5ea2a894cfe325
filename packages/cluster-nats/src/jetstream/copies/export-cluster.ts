import type { Snapshot } from '@midsentence/core'
import { EXPORT_VERSION, type ExportedHead, type ExportLine } from '@midsentence/core/hub'
import { parsePosition } from '../logs/positions.ts'
import { readSessionRecords } from '../logs/session-log.ts'
import { readSnapshot } from '../logs/snapshots.ts'
import { existingCluster, type NatsClusterOptions, type OpenCluster } from '../nats-cluster.ts'
import { readScore, StoredRecords } from './stored-records.ts'

/** Maximum number of lines in one call of `write`. */
const BATCH = 500

/**
 * Exports the logs of a cluster to `write`: lines of JSON with their line ends, several per call, in the format that an
 * embedded store imports. Servers may write meanwhile: each room is exported as of one moment. Resolves with the number of
 * lines. Rejects if something is damaged; the export then lacks its last line.
 */
export async function exportCluster(
  options: NatsClusterOptions,
  write: (text: string) => Promise<void> | void,
): Promise<number> {
  const cluster = await existingCluster(options)
  let count = 0
  let text: string[] = []
  try {
    for await (const line of exportLines(cluster)) {
      text.push(`${JSON.stringify(line)}\n`)
      count++
      if (text.length < BATCH) continue
      await write(text.join(''))
      text = []
    }
  } finally {
    await cluster.close()
  }
  await write(`${text.join('')}${JSON.stringify({ end: count } satisfies ExportLine)}\n`)
  return count + 1
}

async function* exportLines(cluster: OpenCluster): AsyncGenerator<ExportLine> {
  const { logs } = cluster
  yield { midsentence: 'export', version: EXPORT_VERSION, log: logs.id }
  for await (const room of logs.allRooms()) yield* linesOfRoom(cluster, room)
  for await (const room of logs.scores.rooms()) {
    for await (const score of readScore(logs.scores, room)) yield { score, in: room }
  }
}

/** Yields what belongs to one room. What is in its sessions before was written to the room earlier still. */
async function* linesOfRoom({ logs }: OpenCluster, room: string): AsyncGenerator<ExportLine> {
  const subjects = logs.subjects(room)
  await subjects.sessions.load()
  const { kept } = await readSessionRecords(subjects.sessions)
  await subjects.room.load()
  const snapshot = (await subjects.snapshots.load()).records > 0 ? await readSnapshot(subjects.snapshots) : undefined
  const at = snapshot && parsePosition(snapshot.position)
  const stored = new StoredRecords(subjects.room)
  const snapshots: Snapshot[] = []
  let isStarted = false
  for await (const record of stored.read()) {
    const { position, seq } = stored.head
    // What is left of a room begins with a message.
    if (!isStarted && position > 1 && record.type !== 'message') continue
    if (!isStarted) {
      yield { room, first: { position, seq: record.type === 'message' ? seq : 1 } }
    }
    isStarted = true
    yield { record }
    if (snapshot && at === position) snapshots.push({ position: formatExported(stored.head), state: snapshot.state })
  }
  if (isStarted) yield { room, head: stored.head, snapshots }
  for (const session of kept) yield { session, in: room }
}

const formatExported = ({ position, seq, sub }: ExportedHead): string => `${position}-${seq}-${sub}`
