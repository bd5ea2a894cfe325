import type { ScoreRecord } from '@midsentence/core'
import type { StoredEntry } from '../storage/environment.ts'
import { scoreHeadKey, scoreRowKey } from '../storage/keys.ts'
import type { ReadContext } from '../storage/store-context.ts'

/** Rows read at a time. */
const PAGE = 64

/** The score of one room. It stays when all its records are dropped, so that positions go on. */
export interface ScoreHead {
  /** The room's number in the keys of its rows. */
  readonly number: number
  /** The position of the newest record there ever was. */
  readonly position: number
  /** When the newest record happened, in milliseconds since 1970. */
  readonly at: number
  /** Bytes of the rows that are kept. 0: there are none. */
  readonly bytes: number
}

export const readScoreHead = ({ environment }: ReadContext, room: string): ScoreHead | undefined =>
  environment.get(scoreHeadKey(room)) as ScoreHead | undefined

/** Yields the rows of a score, oldest first, from the one that has position `from` on. */
export function* scoreRows({ environment }: ReadContext, { number }: ScoreHead, from = 0): Generator<StoredEntry> {
  const end = scoreRowKey(number + 1, 0)
  let start = environment.last(scoreRowKey(number, 0), scoreRowKey(number, from))?.key ?? scoreRowKey(number, 0)
  for (;;) {
    const rows = environment.range(start, end, PAGE)
    yield* rows
    if (rows.length < PAGE) return
    start = Buffer.concat([rows.at(-1)!.key, Buffer.of(0)])
  }
}

export const recordsIn = (row: StoredEntry): readonly ScoreRecord[] => row.value() as readonly ScoreRecord[]

/** Returns the newest row of a score, if it is kept. */
export const lastScoreRow = ({ environment }: ReadContext, { number, position }: ScoreHead): StoredEntry | undefined =>
  environment.last(scoreRowKey(number, 0), scoreRowKey(number, position))
