import type { RoomRecord, ScoreLog, ScoreRecord } from '@midsentence/core'
import type { ExportedHead } from '@midsentence/core/hub'
import { damaged } from '../entries/errors.ts'
import type { RecordGroup } from '../entries/groups.ts'
import type { SubjectLog } from '../entries/subject-log.ts'

/** The records of a room, read from its subject, and where it is after each. */
export class StoredRecords {
  readonly #log: SubjectLog
  /** Where the room is after the record that was read last. Before the first: before that one. */
  head: ExportedHead = { position: 0, seq: 0, sub: 0 }
  messages = 0
  records = 0

  /** The subject must be loaded. */
  constructor(log: SubjectLog) {
    this.#log = log
  }

  /** Yields the records that are kept. Throws `internal` at a gap, a double, or damage. */
  async *read(): AsyncGenerator<RoomRecord> {
    const { records: all } = this.#log.state
    for await (const group of this.#log.groups('records', 0)) {
      const { head } = group
      const before = head.records - head.count
      if (this.records === 0) this.head = startOf(group)
      if (before !== this.head.position) throw damaged(`records ${this.head.position + 1} to ${before} are missing`)
      for (const record of group.records as readonly RoomRecord[]) {
        this.#count(record)
        yield record
      }
      if (head.mark !== this.head.seq) throw damaged(`the newest message is ${this.head.seq}, not ${head.mark}`)
    }
    if (this.records > 0 && this.head.position !== all)
      throw damaged(`the records after ${this.head.position} are missing`)
  }

  #count(record: RoomRecord): void {
    const { position, seq, sub } = this.head
    this.records++
    if (record.type !== 'message') {
      this.head = { position: position + 1, seq, sub: sub + 1 }
      return
    }
    if (record.message.seq !== seq + 1) throw damaged(`message ${record.message.seq} follows message ${seq}`)
    this.head = { position: position + 1, seq: seq + 1, sub: 0 }
    this.messages++
  }
}

/** Returns where a room is before its first kept group. */
function startOf({ head, records }: RecordGroup): ExportedHead {
  const message = (records as readonly RoomRecord[]).find(record => record.type === 'message')
  const position = head.records - head.count
  return { position, seq: position === 0 ? 0 : (message?.message.seq ?? head.mark + 1) - 1, sub: 0 }
}

/** Most records of a score that are read at a time. */
const SCORE_PAGE = 1000

/** Yields the records of a score. Throws `internal` at damage. */
export async function* readScore(scores: ScoreLog, room: string): AsyncGenerator<ScoreRecord> {
  for (let after = 0; ; ) {
    const page = await scores.read(room, after, SCORE_PAGE)
    yield* page
    if (page.length < SCORE_PAGE) return
    after = page.at(-1)!.position
  }
}
