import type { Seq } from '@midsentence/core'
import { describe, finding, type HistoryFinding } from './finding.ts'
import type { CallerTrace, RecordedAnswer } from './history.ts'
import type { HistoryIndex } from './history-index.ts'
import type { TimedCall } from './timed-call.ts'

/** How many messages an answer carries at most. */
const PAGE_MESSAGES = 100

/** Checks that a check answers 1 with messages and 0 without. */
export function* checkCheckStatus({ timedCalls }: HistoryIndex): Generator<HistoryFinding> {
  for (const calls of timedCalls.values()) {
    for (const call of calls) {
      if (call.action !== 'check' || !call.answer) continue
      const { status, messages } = call.answer
      if ((status === 1) === messages.length > 0) continue
      yield finding('C1', `${describe(call)} answered ${status} with ${messages.length} messages.`, call)
    }
  }
}

/** Checks each answer by itself: all messages of others in a range, in order, with the cursor at its end. */
export function* checkAnswers(index: HistoryIndex): Generator<HistoryFinding> {
  for (const calls of index.timedCalls.values()) {
    for (const call of calls) if (call.answer) yield* checkAnswer(index, call, call.answer)
  }
}

function* checkAnswer(index: HistoryIndex, call: TimedCall, answer: RecordedAnswer): Generator<HistoryFinding> {
  const { caller } = call
  const { messages, cursor, missed } = answer
  let last: Seq | undefined
  let inOrder = true
  for (const message of messages) {
    const { seq } = message
    const known = index.messageAt(seq)
    // What a lost session sent without an answer comes back as from another session.
    const isOwn = known?.session === caller.session && !(caller.replaced && !index.pushAt(seq))
    if (isOwn) {
      yield finding('L4', `${describe(call)} returned the caller's own message ${seq}.`, call)
    } else if (!known) {
      yield finding('L2', `${describe(call)} returned a message ${seq}, which is not in the log.`, call)
    } else if (
      known.message_id !== message.message_id ||
      known.sender_id !== message.sender_id ||
      known.content !== message.content
    ) {
      yield finding('L2', `${describe(call)} returned a message ${seq} that differs from the one others know.`, call)
    }
    if (seq <= caller.cursor) {
      yield finding(
        'R4',
        `${describe(call)} returned message ${seq}, from before the join (cursor ${caller.cursor}).`,
        call,
      )
    }
    if (last !== undefined && seq <= last) {
      inOrder = false
      yield finding('L1', `${describe(call)} returned message ${seq} after message ${last}.`, call)
    }
    last = seq
  }
  if (messages.length > PAGE_MESSAGES) {
    yield finding('L5', `${describe(call)} returned ${messages.length} messages at once.`, call)
  }
  const first = messages[0]?.seq
  if (first === undefined || last === undefined || !inOrder) return
  const due = index.countOthers(caller.session, first - 1, last, missed)
  const delivered = messages.filter(
    ({ seq }) => index.messageAt(seq)?.session !== caller.session && (!missed || seq < missed.from || seq > missed.to),
  ).length
  if (delivered < due)
    yield finding('L1', `${describe(call)} returned ${delivered} of ${due} messages from ${first} to ${last}.`, call)
  if (cursor < last || index.countOthers(caller.session, last, cursor, missed) > 0) {
    yield finding('L5', `${describe(call)} returned messages up to ${last}, but the cursor ${cursor}.`, call)
  }
}

/** Checks all answers together: each message of others since the join once, except those requested again. */
export function* checkExactlyOnce(index: HistoryIndex): Generator<HistoryFinding> {
  for (const [caller, timedCalls] of index.timedCalls) {
    const answered = timedCalls
      .filter(call => call.answer)
      .sort((a, b) => a.answer!.cursor - b.answer!.cursor || b.answer!.messages.length - a.answer!.messages.length)
    yield* checkCaller(index, caller, answered)
  }
}

function* checkCaller(
  index: HistoryIndex,
  caller: CallerTrace,
  answered: readonly TimedCall[],
): Generator<HistoryFinding> {
  const bounds = index.cursorBounds.get(caller)!
  const { session } = caller
  /** `delivered`: by answers without `after`. `covered`: delivered at all, or claimed by the caller. */
  let delivered = caller.cursor
  let covered = caller.cursor
  for (const call of answered) {
    const { messages, cursor, missed } = call.answer!
    const after = afterOf(call)
    const first = messages[0]?.seq
    if (after !== undefined) {
      const from = Math.max(after, caller.cursor)
      // While a check waited, other calls may have received the first messages.
      const due = call.action === 'check' ? Math.max(from, covered) : from
      if (first !== undefined && (first <= from || index.countOthers(session, due, first - 1, missed) > 0)) {
        yield finding('R4', `${describe(call)} had after ${after}, but returned messages from ${first} on.`, call)
      }
      // A check that a newer one ended gets its session's cursor, regardless of its `after`.
      if (first === undefined && call.action !== 'check' && index.countOthers(session, from, cursor, missed) > 0) {
        yield finding(
          'L5',
          `${describe(call)} had after ${after} and returned no message, but the cursor ${cursor}.`,
          call,
        )
      }
      covered = Math.max(covered, cursor)
      continue
    }
    const before = bounds.answeredBefore(call.from)
    if (first !== undefined && first <= Math.max(delivered, before)) {
      yield finding('L1', `${describe(call)} returned message ${first} a second time.`, call)
    }
    if (cursor < before)
      yield finding('L5', `${describe(call)} returned the cursor ${cursor}, below the earlier ${before}.`, call)
    // A session that claims a message does not receive it, whichever of its calls is answered first.
    covered = Math.max(covered, bounds.claimedBefore(call.to))
    const reaches = first === undefined ? cursor : first - 1
    if (index.countOthers(session, covered, reaches, missed) > 0 && !bounds.lostBefore(call.to)) {
      const skipped = index.firstOther(session, covered)!.seq
      const how = first === undefined ? `returned the cursor ${cursor}` : `returned messages from ${first} on`
      yield finding(
        first === undefined ? 'L5' : 'L1',
        `${describe(call)} ${how}; message ${skipped} was never delivered.`,
        call,
      )
    }
    delivered = Math.max(delivered, messages.length > 0 ? cursor : delivered)
    covered = Math.max(covered, cursor)
  }
}

/** Returns the `after` of the first answered call. */
const afterOf = ({ calls }: TimedCall): Seq | undefined => calls.find(({ answer }) => answer)?.after
