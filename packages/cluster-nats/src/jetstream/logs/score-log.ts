import { isMidsentenceError, roomLevel, type ScoreEnd, type ScoreLog, type ScoreRecord } from '@midsentence/core'
import { cutByTime, groupOf, type ScoreGroup } from '@midsentence/core/hub'
import { closedError } from '../entries/errors.ts'
import type { RecordGroup } from '../entries/groups.ts'
import { subjectsIn } from '../entries/read-entries.ts'
import type { StreamLink } from '../entries/stream-link.ts'
import { SubjectLog } from '../entries/subject-log.ts'
import { encodeToken, roomIn } from '../entries/tokens.ts'

export interface ClusterScoreOptions {
  readonly stream: string
  /** Subjects of rooms begin with it. */
  readonly prefix: string
  /** Id of the writer. */
  readonly owner: string
  readonly durability: ScoreLog['durability']
  /** Maximum bytes of all scores, about. Above it, those with most groups lose their oldest ones. */
  readonly bytes: number
}

/** Bytes that are written between two looks at the size of the stream, as a share of its maximum. */
const LOOK_SHARE = 1 / 32

/** Most subjects whose state is kept in memory. */
const MOST_SUBJECTS = 10_000

/** The scores of all rooms, in one stream. Nothing fences a second writer of a room off: the later write goes on after it. */
export function clusterScores(link: StreamLink, options: ClusterScoreOptions): ScoreLog {
  const { stream, prefix, owner, durability, bytes: maximum } = options
  const subjects = new Map<string, SubjectLog>()
  let closed = false
  let written = 0

  const check = (): void => {
    if (closed || link.isClosing) throw closedError('score log')
  }
  const subjectOf = (room: string): SubjectLog => {
    check()
    const known = subjects.get(room)
    if (known) return known
    const log = new SubjectLog(link, { stream, subject: `${prefix}.${encodeToken(room)}`, room, owner })
    subjects.set(room, log)
    for (const [other, { state }] of subjects) {
      if (subjects.size <= MOST_SUBJECTS) break
      if (other !== room && state.last > 0) subjects.delete(other)
    }
    return log
  }
  /** Runs `act` on a room. If another writer came meanwhile, once more. */
  const change = <T>(room: string, act: (log: SubjectLog) => Promise<T>): Promise<T> => {
    const log = subjectOf(room)
    return log.run(async () => {
      try {
        return await act(log)
      } catch (error) {
        log.forget()
        if (closed || link.isClosing || (isMidsentenceError(error) && error.data.unknown)) throw error
        await log.load()
        return act(log)
      }
    })
  }
  const drop = (log: SubjectLog, end: number): Promise<void> => log.removeBefore(end)
  /** Shortens the largest scores. Sizes are numbers of groups: the stream tells no bytes of a subject. */
  const dropLargest = async (): Promise<void> => {
    const { state } = await link.manager.streams.info(stream, { subjects_filter: `${prefix}.*` })
    if (state.bytes <= maximum) return
    const sizes = new Map(Object.entries(state.subjects ?? {}).map(([subject, count]) => [subject, count]))
    const level = roomLevel([...sizes.values()], (state.messages * maximum) / state.bytes)
    for (const [subject, count] of sizes) {
      if (count > level) await change(roomIn(subject), log => cutByCount(log, count - level))
    }
  }
  const look = (bytes: number): void => {
    written += bytes
    if (written < maximum * LOOK_SHARE) return
    written = 0
    // A failure is that of the writes after it.
    dropLargest().catch(() => undefined)
  }

  return {
    durability,
    async end(room) {
      const log = subjectOf(room)
      return log.run(async () => endOf(log))
    },
    async append(room, group) {
      const records = [...group]
      const newest = records.at(-1)
      if (newest) look(await change(room, log => log.append(records, newest.position)))
      else check()
    },
    async read(room, after, limit) {
      const log = subjectOf(room)
      return log.run(async () => {
        const found: ScoreRecord[] = []
        for await (const { records } of log.groups('mark', after, limit)) {
          for (const record of records as readonly ScoreRecord[]) if (record.position > after) found.push(record)
          if (found.length >= limit) break
        }
        return found.slice(0, limit)
      })
    },
    async *rooms() {
      check()
      for (const subject of await subjectsIn(link, stream, `${prefix}.*`)) {
        const room = roomIn(subject)
        const log = subjectOf(room)
        if (await log.run(async () => log.state.end > 0)) yield room
      }
    },
    async trim(room, before) {
      await change(room, async log => {
        const groups: { readonly group: ScoreGroup; readonly end: number }[] = []
        let newest = 0
        for await (const found of log.groups('mark', 0)) {
          const group = scoreGroup(found)
          newest = group.until
          groups.push({ group, end: found.end })
        }
        const count = cutByTime(
          groups.map(({ group }) => group),
          newest,
          before,
        )
        if (count > 0) await (count === groups.length ? dropAll(log) : drop(log, groups[count - 1]!.end + 1))
      })
    },
    erase: async room =>
      change(room, async log => {
        if (log.state.end === 0) return false
        await dropAll(log)
        return true
      }),
    async close() {
      closed = true
      await Promise.all([...subjects.values()].map(log => log.close()))
    },
  }
}

const scoreGroup = ({ records, start, end }: RecordGroup): ScoreGroup =>
  groupOf(records as readonly ScoreRecord[], end - start + 1)

async function endOf(log: SubjectLog): Promise<ScoreEnd> {
  const { records, mark, end } = log.state
  if (end === 0) return { position: mark }
  for await (const group of log.groups('records', records - 1, 1)) {
    return { position: mark, record: group.records.at(-1) as ScoreRecord }
  }
  return { position: mark }
}

/** Removes all records. What is left tells the position. */
async function dropAll(log: SubjectLog): Promise<void> {
  const { last } = log.state
  await log.confirm({ before: 0, floor: last + 1 })
  await log.purge(last + 1)
}

/** Removes at least `count` of the oldest groups, so that what is left begins with a state. */
async function cutByCount(log: SubjectLog, count: number): Promise<void> {
  let seen = 0
  for await (const found of log.groups('mark', 0)) {
    if (seen >= count && scoreGroup(found).isStart) return log.removeBefore(found.start)
    seen++
  }
  await dropAll(log)
}
