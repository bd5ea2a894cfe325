import type { RoomPolicy, Seq } from '@midsentence/core'
import { describe, finding, type HistoryFinding } from './finding.ts'
import type { HistoryIndex, KnownMessage } from './history-index.ts'
import { isAnothersFloor, type TimedCall } from './timed-call.ts'

/** How many crossed seqs a message lists at most. */
const CROSSED_MAX = 100

/** Checks that a message's base is its author's cursor at the call. */
export function* checkBases(index: HistoryIndex): Generator<HistoryFinding> {
  for (const push of index.pushes) {
    const { caller, answer } = push
    if (push.outcome !== 'sent' || index.ignoringHolds.has(caller.session)) continue
    const { seq, base } = index.messageAt(answer!.seq!) ?? {}
    if (base === undefined || index.pushAt(seq!) !== push) continue
    const { low, high } = index.cursorBounds.get(caller)!.baseOf(push)
    if (base >= low && base <= high && base < seq!) continue
    const knew = low === high ? `${low}` : `${low} to ${high}`
    yield finding('H1', `${describe(push)} was judged by base ${base}, but its author's cursor was ${knew}.`, push)
  }
}

/** Checks that under `hold` only sessions that ignore holds cross a message. */
export function* checkNothingCrossed(index: HistoryIndex): Generator<HistoryFinding> {
  if (policyOf(index) !== 'hold') return
  for (const { session, seq, base } of index.messages) {
    if (base === undefined || index.ignoringHolds.has(session)) continue
    const crossed = index.countOthers(session, base, seq - 1) - index.countIgnoringHolds(session, base, seq - 1)
    if (crossed <= 0) continue
    const push = index.pushAt(seq)
    const what = `Message ${seq} has base ${base} and was sent, although ${crossed} unseen messages of others precede it.`
    yield finding('H1', what, push)
  }
}

/** Checks that a message and its author's answer list exactly what the message crossed. */
export function* checkCrossed(index: HistoryIndex): Generator<HistoryFinding> {
  for (const message of index.messages) {
    const { session, seq, base } = message
    if (base === undefined || !index.isComplete(base, seq)) continue
    const count = index.countOthers(session, base, seq - 1)
    const named = count === 0 ? [] : index.newestOthers(session, base, seq, CROSSED_MAX)
    const push = index.pushAt(seq)
    for (const crossing of [message, push?.answer]) {
      if (!crossing || isExact(crossing, named, count)) continue
      const subject = crossing === message ? `Message ${seq} says` : `The answer to the author of message ${seq} says`
      yield finding(
        'H3',
        `${subject} that it crossed ${listed(crossing)}, but it crossed ${listed({ crossed: named })}.`,
        push,
      )
    }
  }
}

interface CrossedFields {
  readonly crossed?: readonly Seq[]
  readonly crossed_more?: number
}

function isExact({ crossed = [], crossed_more = 0 }: CrossedFields, named: readonly Seq[], count: number): boolean {
  return (
    crossed_more === count - named.length &&
    crossed.length === named.length &&
    crossed.every((seq, at) => seq === named[at])
  )
}

const listed = ({ crossed = [], crossed_more }: CrossedFields): string =>
  `${crossed.length === 0 ? 'nothing' : crossed.join(', ')}${crossed_more ? ` and ${crossed_more} more` : ''}`

/** Checks that each held push had a reason: an unseen message that may precede it, or another's floor. */
export function* checkHolds(index: HistoryIndex): Generator<HistoryFinding> {
  const annotates = policyOf(index) === 'annotate'
  const unknown = new Set(
    index.pushes.filter(({ outcome }) => outcome === 'unknown').map(({ caller }) => caller.session),
  )
  for (const push of index.pushes) {
    const { caller, answer } = push
    if (push.outcome !== 'held') continue
    if (annotates) {
      yield finding('H2', `${describe(push)} was held in a room with the annotate policy.`, push)
      continue
    }
    if (isAnothersFloor(caller, answer!) || isHeldByItsAuthor(push)) continue
    const { low } = index.cursorBounds.get(caller)!.baseOf(push)
    const cause = index.firstOther(caller.session, low)
    if (cause ? mayPrecede(index, cause, push) : mayBeUnseen(index, unknown, push)) continue
    const why = cause ? `message ${cause.seq} was pushed later` : `there is no message of another session above ${low}`
    yield finding('H1', `${describe(push)} was held without a reason: ${why}.`, push, cause && index.pushAt(cause.seq))
  }
}

/** Tells whether a participant may have held its own push, since its session was replaced. */
const isHeldByItsAuthor = ({ caller, answer, from, to }: TimedCall): boolean =>
  answer?.missed !== undefined ||
  answer?.rejoined !== undefined ||
  (caller.replaced ?? []).some(({ at }) => from < at && at < to)

/** Tells whether a message may precede a hold: its push was called before the hold ended, or is unknown. */
function mayPrecede(index: HistoryIndex, { seq }: KnownMessage, hold: TimedCall): boolean {
  const push = index.pushAt(seq)
  return !push || push.from < hold.to
}

/** Without a log, lost pushes of others may have caused a hold. */
const mayBeUnseen = ({ history }: HistoryIndex, unknown: ReadonlySet<string>, { caller }: TimedCall): boolean =>
  !history.log && [...unknown].some(session => session !== caller.session)

const policyOf = ({ history }: HistoryIndex): RoomPolicy => history.settings?.policy ?? 'hold'
