import type { RuleId } from '@midsentence/conformance'
import type { ScoreLog, ScoreRecord } from '@midsentence/core'
import { memoryScores } from '@midsentence/core/hub'

/** A bug in a score log: returns the members that replace those of a right one. */
export type ScoreBug = (right: ScoreLog, state: { readonly crashed: boolean }) => Partial<ScoreLog>

/** Makes harnesses of score logs that outlive a close and a crash. */
export const scoresWith = (bug?: ScoreBug) => () => {
  const kept = memoryScores()
  /** What a crash leaves, for bugs that tell it from a close. */
  const state = { crashed: false }
  const open = (): ScoreLog => {
    const closed = memoryScores()
    let log = kept
    const right: ScoreLog = {
      durability: 'flushed',
      end: room => log.end(room),
      append: (room, group) => log.append(room, group),
      read: (room, after, limit) => log.read(room, after, limit),
      rooms: () => log.rooms(),
      trim: (room, before) => log.trim(room, before),
      erase: room => log.erase(room),
      async close() {
        log = closed
        await closed.close()
      },
    }
    return { ...right, ...bug?.(right, state) }
  }
  const crash = () => {
    state.crashed = true
  }
  return { open, reopen: open, crash, close: async () => {} }
}

interface BrokenScore {
  readonly name: string
  readonly breaks: RuleId
  readonly bug: ScoreBug
}

const alone = (record: ScoreRecord | undefined) => (record ? { position: record.position, record } : { position: 0 })

/** A log that is opened again lacks its newest record, until the next append. */
const lastRecordLost =
  (isLost: (state: { readonly crashed: boolean }) => boolean): ScoreBug =>
  (right, state) => {
    let isFresh = isLost(state)
    return {
      async append(room, group) {
        isFresh = false
        await right.append(room, group)
      },
      async read(room, after, limit) {
        const records = await right.read(room, after, limit)
        return isFresh ? records.slice(0, -1) : records
      },
    }
  }

export const brokenScores: readonly BrokenScore[] = [
  {
    name: 'a page of a score has one record more',
    breaks: 'I10',
    bug: right => ({ read: (room, after, limit) => right.read(room, after, limit + 1) }),
  },
  {
    name: 'a score replaces lone surrogates',
    breaks: 'I10',
    bug: right => ({
      read: async (room, after, limit) =>
        (await right.read(room, after, limit)).map(record =>
          record.type === 'appended' ? { ...record, text: record.text.toWellFormed() } : record,
        ),
    }),
  },
  {
    name: 'rooms that differ in case share a score',
    breaks: 'I10',
    bug: right => ({
      append: (room, group) => right.append(room.toLowerCase(), group),
      read: (room, after, limit) => right.read(room.toLowerCase(), after, limit),
      end: room => right.end(room.toLowerCase()),
    }),
  },
  {
    name: 'positions begin again when a score is trimmed',
    breaks: 'I11',
    bug: right => ({ end: async room => alone((await right.end(room)).record) }),
  },
  { name: 'a score is never trimmed', breaks: 'I11', bug: () => ({ trim: async () => {} }) },
  { name: 'a closed score log answers', breaks: 'I12', bug: () => ({ close: async () => {} }) },
  {
    name: 'a score log loses its last record when it is opened again',
    breaks: 'I13',
    bug: lastRecordLost(({ crashed }) => !crashed),
  },
  {
    name: 'a crash takes the last record of a score',
    breaks: 'I14',
    bug: lastRecordLost(({ crashed }) => crashed),
  },
]
