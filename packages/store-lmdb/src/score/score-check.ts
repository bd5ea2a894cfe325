import type { ScoreRecord } from '@midsentence/core'
import { emptyScore, evolveScore, stateEventOf } from '@midsentence/core/hub'

/** Checks the records of a score, oldest first. Stops at the first that cannot follow the one before. */
export class ScoreCheck {
  /** What the records so far led to. Undefined after a gap, until a state says it. */
  #state: typeof emptyScore | undefined
  #last: ScoreRecord | undefined

  /** The newest record so far. */
  get last(): ScoreRecord | undefined {
    return this.#last
  }

  /** Returns what is wrong with the next record, if anything. */
  problemOf(record: ScoreRecord): string | undefined {
    const last = this.#last
    const problem = last ? this.#problemAfter(last, record) : beginning(record)
    this.#last = record
    if (record.type === 'gap' || record.type === 'stopped') this.#state = undefined
    else if (record.type === 'state') this.#state = evolveScore(emptyScore, record)
    else if (this.#state) this.#state = evolveScore(this.#state, record)
    return problem
  }

  #problemAfter(last: ScoreRecord, record: ScoreRecord): string | undefined {
    const { position, head } = record
    if (position !== last.position + 1) return missing(last.position + 1, position - 1)
    if (record.at < last.at) return `record ${position} is older than the one before`
    if (head < last.head) return `the head of record ${position} is below that of the record before`
    // A gap says that messages have no record, and so does the end of a recording.
    const isMarked = last.type === 'gap' || last.type === 'stopped'
    const isNext = record.type === 'message' && record.seq === head && head === last.head + 1
    if (head > last.head && !isMarked && !isNext)
      return `record ${position} follows message ${last.head + 1}, which has no record`
    if (record.type !== 'state' || !this.#state) return undefined
    const [found, expected] = [evolveScore(emptyScore, record), this.#state].map(state =>
      JSON.stringify(stateEventOf(state)),
    )
    return found === expected ? undefined : `record ${position} is not the state that the records before it led to`
  }
}

const beginning = ({ type, position }: ScoreRecord): string | undefined =>
  type === 'state' ? undefined : `its oldest record, ${position}, is no state`

const missing = (from: number, to: number): string =>
  from === to
    ? `record ${from} is missing, and no gap marks it`
    : `records ${from} to ${to} are missing, and no gap marks them`
