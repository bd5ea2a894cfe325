import { isMidsentenceError } from '@midsentence/core'
import type { JetstreamLogs } from '../logs/cluster-logs.ts'
import { readSessionRecords } from '../logs/session-log.ts'
import { readSnapshot } from '../logs/snapshots.ts'
import type { NatsClusterOptions } from '../nats-cluster.ts'
import { existingCluster } from '../nats-cluster.ts'
import { readScore, StoredRecords } from './stored-records.ts'

/** The result of verifying the logs of a cluster. */
export interface ClusterReport {
  readonly rooms: number
  readonly messages: number
  /** Messages and floor changes. */
  readonly records: number
  /** Open sessions. */
  readonly sessions: number
  /** Records of the scores of all rooms. */
  readonly scoreRecords: number
  /** One sentence for each problem; empty if the logs are intact. */
  readonly problems: readonly string[]
}

/** Reads all logs of a cluster, also while servers write, and checks each checksum and that no record is missing or double. */
export async function verifyCluster(options: NatsClusterOptions): Promise<ClusterReport> {
  const cluster = await existingCluster(options)
  const problems: string[] = []
  let [rooms, messages, records, sessions, scoreRecords] = [0, 0, 0, 0, 0]
  try {
    for await (const room of cluster.logs.allRooms()) {
      rooms++
      const found = await verifyRoom(cluster.logs, room)
      messages += found.messages
      records += found.records
      sessions += found.sessions
      problems.push(...found.problems.map(problem => `Room ${room}: ${problem}`))
    }
    const { scores } = cluster.logs
    await check(problems, async () => {
      for await (const room of scores.rooms()) {
        const ofScore: string[] = []
        await check(ofScore, async () => {
          for await (const _ of readScore(scores, room)) scoreRecords++
        })
        problems.push(...ofScore.map(problem => `Score of ${room}: ${problem}`))
      }
    })
  } finally {
    await cluster.close()
  }
  return { rooms, messages, records, sessions, scoreRecords, problems }
}

/** Runs one check. A problem does not keep the next one from running; a failure to read does. */
async function check(problems: string[], act: () => Promise<void>): Promise<void> {
  try {
    await act()
  } catch (error) {
    if (!isMidsentenceError(error) || error.code !== 'internal') throw error
    problems.push(error.message)
  }
}

/** Verifies the logs of one room. */
export async function verifyRoom(
  logs: JetstreamLogs,
  room: string,
): Promise<Omit<ClusterReport, 'rooms' | 'scoreRecords'>> {
  const problems: string[] = []
  const subjects = logs.subjects(room)
  let sessions = 0
  await check(problems, async () => {
    await subjects.sessions.load()
    const { kept } = await readSessionRecords(subjects.sessions)
    sessions = new Set(kept.map(({ session_id }) => session_id)).size
    const { mark } = subjects.sessions.state
    if (mark !== sessions) problems.push(`${sessions} of ${mark} open sessions are there.`)
  })
  let stored: StoredRecords | undefined
  await check(problems, async () => {
    await subjects.room.load()
    stored = new StoredRecords(subjects.room)
    for await (const _ of stored.read());
  })
  await check(problems, async () => {
    const { mark, records } = await subjects.snapshots.load()
    if (records > 0) await readSnapshot(subjects.snapshots)
    if (mark > subjects.room.state.records) problems.push(`A snapshot is after record ${mark}, which is not there.`)
  })
  return { messages: stored?.messages ?? 0, records: stored?.records ?? 0, sessions, problems }
}
