import { Chronicle } from './chronicle.ts'
import type { Finding } from './finding.ts'
import type { History } from './history.ts'
import { basesAreKnown, crossedIsSaid, holdsAreJust, nothingIsCrossed } from './hold-rules.ts'
import { accountedFor, acknowledged, orderOfLog, realTime } from './log-rules.ts'
import { answersAreSlices, checksAreTrue, everythingOnce } from './reading-rules.ts'
import { keysAreKept } from './retry-rules.ts'
import { nobodyWaitsForEver } from './waiting-rules.ts'

const questions: readonly ((chronicle: Chronicle) => Iterable<Finding>)[] = [
  orderOfLog,
  acknowledged,
  accountedFor,
  realTime,
  answersAreSlices,
  everythingOnce,
  checksAreTrue,
  basesAreKnown,
  nothingIsCrossed,
  crossedIsSaid,
  holdsAreJust,
  keysAreKept,
  nobodyWaitsForEver,
]

/**
 * Which rules `history` breaks; none where it may have happened in a room that keeps them. What a history does not tell
 * is taken to have been right. Takes O(n log n) for n calls and messages, and never throws for what is a `History`.
 */
export function checkHistory(history: History): Finding[] {
  const chronicle = new Chronicle(history)
  return questions.flatMap(question => [...question(chronicle)])
}
