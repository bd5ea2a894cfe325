import type { HistoryFinding } from './finding.ts'
import { checkFreshReads } from './fresh-reads.ts'
import type { RecordedHistory } from './history.ts'
import { HistoryIndex } from './history-index.ts'
import { checkHoldLimit } from './hold-limit-rules.ts'
import { checkBases, checkCrossed, checkHolds, checkNothingCrossed } from './hold-rules.ts'
import { checkAcknowledged, checkLogOrder, checkOrigin, checkRealTime } from './log-rules.ts'
import { checkAnswers, checkCheckStatus, checkExactlyOnce } from './reading-rules.ts'
import { checkKeys } from './retry-rules.ts'

const checks: readonly ((index: HistoryIndex) => Iterable<HistoryFinding>)[] = [
  checkLogOrder,
  checkAcknowledged,
  checkOrigin,
  checkRealTime,
  checkFreshReads,
  checkAnswers,
  checkExactlyOnce,
  checkCheckStatus,
  checkBases,
  checkNothingCrossed,
  checkCrossed,
  checkHolds,
  checkKeys,
  checkHoldLimit,
]

/**
 * Finds the rules that `history` breaks. The result is empty if the history is possible in a room that keeps all rules.
 * Anything that the history leaves open counts as correct. Takes O(n log n) for n calls and messages. Never throws.
 */
export function checkHistory(history: RecordedHistory): HistoryFinding[] {
  const index = new HistoryIndex(history)
  return checks.flatMap(check => [...check(index)])
}
