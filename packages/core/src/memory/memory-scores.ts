import { MidsentenceError } from '../errors.ts'
import type { ScoreLog } from '../ports/score-log.ts'
import { cutBySize, cutByTime, groupOf, type ScoreGroup } from '../score/cut.ts'
import type { ScoreRecord } from '../score/records.ts'
import { scoreSize } from '../score/size.ts'
import { roomLevel } from './retention.ts'

/** Bytes of all scores by default, in memory and on disk. */
export const SCORE_BYTES = 256e6

interface StoredGroup extends ScoreGroup {
  readonly records: readonly ScoreRecord[]
}

interface StoredScore {
  groups: StoredGroup[]
  position: number
  bytes: number
}

export interface MemoryScoresOptions {
  /** Maximum bytes of all scores, about. The largest lose their oldest records first. Default 256 MB. */
  readonly bytes?: number
}

/** Creates a score log in memory; its content is lost with the process. */
export function memoryScores({ bytes: maximum = SCORE_BYTES }: MemoryScoresOptions = {}): ScoreLog {
  const rooms = new Map<string, StoredScore>()
  let total = 0
  let closed = false
  const find = (room: string): StoredScore => {
    if (closed) throw new MidsentenceError('unavailable', 'The score log is closed.')
    return rooms.get(room) ?? { groups: [], position: 0, bytes: 0 }
  }
  const drop = (score: StoredScore, count: number): void => {
    for (const { bytes } of score.groups.splice(0, count)) {
      score.bytes -= bytes
      total -= bytes
    }
  }
  const dropLargest = (): void => {
    const level = roomLevel(
      [...rooms.values()].map(({ bytes }) => bytes),
      maximum,
    )
    for (const score of rooms.values()) if (score.bytes > level) drop(score, cutBySize(score.groups, level))
  }
  return {
    durability: 'memory',
    async end(room) {
      const { position, groups } = find(room)
      const record = groups.at(-1)?.records.at(-1)
      return record ? { position, record } : { position }
    },
    async append(room, group) {
      const score = find(room)
      if (group.length === 0) return
      const records = group.slice()
      const bytes = records.reduce((sum, record) => sum + scoreSize(record), 0)
      rooms.set(room, score)
      score.groups.push({ ...groupOf(records, bytes), records })
      score.position = records.at(-1)!.position
      score.bytes += bytes
      total += bytes
      if (total > maximum) dropLargest()
    },
    async read(room, after, limit) {
      const { groups } = find(room)
      const found: ScoreRecord[] = []
      for (const { records } of groups.slice(firstGroupAfter(groups, after))) {
        for (const record of records) if (record.position > after) found.push(record)
        if (found.length >= limit) break
      }
      return found.slice(0, limit)
    },
    async *rooms() {
      find('')
      for (const [room, { groups }] of rooms) if (groups.length > 0) yield room
    },
    async trim(room, before) {
      const score = find(room)
      const newest = score.groups.at(-1)?.records.at(-1)?.at
      if (newest !== undefined) drop(score, cutByTime(score.groups, Date.parse(newest), before))
    },
    async erase(room) {
      const score = find(room)
      const { length } = score.groups
      drop(score, length)
      return length > 0
    },
    async close() {
      closed = true
    },
  }
}

/** Returns the index of the first group that has a position above `after`. Binary search. */
function firstGroupAfter(groups: readonly StoredGroup[], after: number): number {
  let [low, high] = [0, groups.length]
  while (low < high) {
    const middle = (low + high) >> 1
    if (groups[middle]!.records.at(-1)!.position > after) high = middle
    else low = middle + 1
  }
  return low
}
