import { describe, finding, type HistoryFinding } from './finding.ts'
import type { HistoryIndex } from './history-index.ts'
import { type HeadReport, headReports } from './log-rules.ts'
import type { TimedCall } from './timed-call.ts'

/** Checks that an answer has everything that was known before its call: no server may answer from an older state. */
export function* checkFreshReads(index: HistoryIndex): Generator<HistoryFinding> {
  const reports = headReports(index)
  const calls = [...index.timedCalls.values()].flat().sort((a, b) => a.from - b.from)
  let newest: HeadReport | undefined
  let next = 0
  for (const call of calls) {
    for (; next < reports.length && reports[next]!.at < call.from; next++) {
      if (!newest || reports[next]!.head > newest.head) newest = reports[next]
    }
    if (!newest || !isComplete(call) || reached(call) >= newest.head || mayHaveEnded(call)) continue
    const { head, call: known } = newest
    const what = `${describe(call)} answered up to message ${reached(call)}, but was called after the answer to ${describe(known)} reported message ${head}.`
    yield finding('L6', what, call, known)
  }
}

/** Whether a call has its own answer, not one that was repeated, and the answer leaves nothing for the next. */
const isComplete = ({ caller, calls, answer }: TimedCall): boolean =>
  caller.direct === true && calls.length === 1 && answer !== undefined && !answer.more && !answer.missed

/** Whether another check or a leave of its session may have ended a check, which then gives nothing. */
function mayHaveEnded(call: TimedCall): boolean {
  if (call.action !== 'check' || call.answer!.messages.length > 0) return false
  const { calls } = call.caller
  return calls.some(
    (other, index) =>
      (other.action === 'check' || other.action === 'leave') &&
      !call.indexes.includes(index) &&
      other.from < call.to &&
      (!other.answer || other.to! > call.from),
  )
}

const reached = ({ answer }: TimedCall): number => Math.max(answer!.cursor, answer!.seq ?? 0)
