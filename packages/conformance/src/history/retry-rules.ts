import { describe, finding, type HistoryFinding } from './finding.ts'
import type { RecordedAnswer } from './history.ts'
import type { HistoryIndex } from './history-index.ts'
import type { TimedCall } from './timed-call.ts'

/** Checks that a repeated call has one effect and gets its first answer. */
export function* checkKeys({ timedCalls }: HistoryIndex): Generator<HistoryFinding> {
  for (const calls of timedCalls.values())
    for (const call of calls) if (call.calls.length > 1) yield* checkRepetitions(call)
}

function* checkRepetitions(call: TimedCall): Generator<HistoryFinding> {
  const { answer: first, calls } = call
  const refused = calls.some(({ error }) => error?.code === 'no-draft' || error?.code === 'content-policy')
  if (first && refused) yield finding('R1', `${describe(call)} was both answered and refused under one key.`, call)
  for (const { answer } of calls) {
    if (!first || !answer || sameAnswer(first, answer)) continue
    if (first.seq !== undefined && answer.seq !== undefined && first.seq !== answer.seq) {
      yield finding(
        'P4',
        `${describe(call)} became, under one key, message ${first.seq} and message ${answer.seq}.`,
        call,
      )
    } else yield finding('R1', `${describe(call)} got different answers under one key.`, call)
    return
  }
}

const sameAnswer = (one: RecordedAnswer, other: RecordedAnswer): boolean =>
  one.status === other.status &&
  one.seq === other.seq &&
  one.held === other.held &&
  one.cursor === other.cursor &&
  one.messages.length === other.messages.length &&
  one.messages.every(({ seq }, at) => seq === other.messages[at]!.seq)
