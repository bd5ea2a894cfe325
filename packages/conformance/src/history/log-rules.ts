import { describe, finding, type HistoryFinding } from './finding.ts'
import type { CallerTrace } from './history.ts'
import type { HistoryIndex, KnownMessage } from './history-index.ts'
import { mayBeNameOf, type TimedCall } from './timed-call.ts'

/** Checks that the seqs of the log have no gap and no duplicate. */
export function* checkLogOrder({ history }: HistoryIndex): Generator<HistoryFinding> {
  let last: number | undefined
  for (const { seq } of history.log ?? []) {
    if (last !== undefined && seq !== last + 1)
      yield finding('L2', `In the log, message ${seq} directly follows message ${last}.`)
    last = seq
  }
}

/** Checks that each acknowledged push is in the log, with its seq, content and sender. */
export function* checkAcknowledged(index: HistoryIndex): Generator<HistoryFinding> {
  for (const push of index.pushes) {
    const { caller, answer, calls } = push
    if (push.outcome !== 'sent') continue
    const seq = answer!.seq!
    const first = index.pushAt(seq)
    if (first !== push) {
      yield finding(
        'L2',
        `${describe(first!)} and ${describe(push)} were both acknowledged as message ${seq}.`,
        first,
        push,
      )
      continue
    }
    const message = index.messageAt(seq)
    if (!message) {
      yield finding('G1', `${describe(push)} was acknowledged as message ${seq}, which is not in the log.`, push)
    } else if (message.session !== caller.session || !mayBeNameOf(caller, message.sender_id)) {
      yield finding(
        'P1',
        `${describe(push)} was acknowledged as message ${seq}, which belongs to ${message.sender_id}.`,
        push,
      )
    } else if (differs(calls[0]!.content, message.content)) {
      yield finding('P1', `${describe(push)} was acknowledged as message ${seq}, which has another content.`, push)
    } else if (differs(answer!.message_id, message.message_id) || differs(answer!.timestamp, message.timestamp)) {
      yield finding('L2', `The answer to ${describe(push)} has another id or time than message ${seq}.`, push)
    }
  }
}

/** Checks that each message has exactly one push: acknowledged, or with an unknown outcome. */
export function* checkOrigin(index: HistoryIndex): Generator<HistoryFinding> {
  const pushes = new Map<string, TimedCall[]>()
  for (const caller of index.timedCalls.keys()) pushes.set(caller.session, [])
  for (const push of index.pushes) pushes.get(push.caller.session)!.push(push)
  const unacknowledged = new Map<string, KnownMessage[]>()
  for (const message of index.messages) {
    const { session, seq } = message
    if (index.pushAt(seq)?.caller.session === session || !pushes.has(session)) continue
    const messages = unacknowledged.get(session)
    if (messages) messages.push(message)
    else unacknowledged.set(session, [message])
  }
  for (const [session, messages] of unacknowledged) {
    const own = pushes.get(session)!
    const unknown = new UnknownPushes(own.filter(({ outcome }) => outcome === 'unknown'))
    const tooMany = messages.filter(({ content }) => !unknown.take(content))
    if (tooMany.length === 0) continue
    const known = byContent(own)
    for (const message of tooMany) yield findingForStray(message, known.get(message.content ?? ''))
  }
}

/** Holds the pushes with an unknown outcome. Each may be in the log once. */
class UnknownPushes {
  readonly #byContent = new Map<string | undefined, number>()

  constructor(pushes: readonly TimedCall[]) {
    for (const { calls } of pushes) this.#add(calls[0]!.content, 1)
  }

  take(content: string | undefined): boolean {
    for (const text of [content, undefined]) {
      if ((this.#byContent.get(text) ?? 0) === 0) continue
      this.#add(text, -1)
      return true
    }
    return false
  }

  #add(content: string | undefined, count: number): void {
    this.#byContent.set(content, (this.#byContent.get(content) ?? 0) + count)
  }
}

/** Maps each content to its push. A push that was or may have been sent wins over one that was not. */
function byContent(pushes: readonly TimedCall[]): ReadonlyMap<string, TimedCall> {
  const found = new Map<string, TimedCall>()
  for (const push of pushes) {
    const { content } = push.calls[0]!
    if (content !== undefined && (!found.has(content) || maySend(push))) found.set(content, push)
  }
  return found
}

const maySend = ({ outcome }: TimedCall): boolean => outcome === 'sent' || outcome === 'unknown'

/** Makes the finding for a message without its own push; `push` has the same content. */
function findingForStray({ seq, sender_id }: KnownMessage, push: TimedCall | undefined): HistoryFinding {
  if (!push) return finding('P1', `Message ${seq} has the sender ${sender_id}, who did not push it.`)
  if (maySend(push)) return finding('P4', `${describe(push)} is in the room again, as message ${seq}.`, push)
  const end = push.outcome === 'held' ? 'was held' : 'ended with an error'
  return finding('P3', `${describe(push)} ${end}, but is in the room as message ${seq}.`, push)
}

/** An answer that reports a message, and when it arrived. */
export interface HeadReport {
  readonly at: number
  readonly head: number
  readonly call: TimedCall
}

/** Returns which message each answer reports, in the order in which they arrive. */
export function headReports({ timedCalls }: HistoryIndex): readonly HeadReport[] {
  const reports: HeadReport[] = []
  for (const calls of timedCalls.values()) {
    for (const call of calls) {
      if (call.answer) reports.push({ at: call.to, head: Math.max(call.answer.cursor, call.answer.seq ?? 0), call })
    }
  }
  return reports.sort((a, b) => a.at - b.at)
}

/** Checks that a message known before a push was called has a lower seq than that push. */
export function* checkRealTime(index: HistoryIndex): Generator<HistoryFinding> {
  const { pushes } = index
  const evidence = headReports(index)
  const sent = pushes.filter(({ outcome }) => outcome === 'sent').sort((a, b) => a.from - b.from)
  let newest: HeadReport | undefined
  let next = 0
  for (const push of sent) {
    for (; next < evidence.length && evidence[next]!.at < push.from; next++) {
      if (!newest || evidence[next]!.head > newest.head) newest = evidence[next]
    }
    const seq = push.answer!.seq!
    if (!newest || newest.head < seq) continue
    const { head, call } = newest
    const what = `${describe(push)} became message ${seq}, but was called after the answer to ${describe(call)} reported message ${head}.`
    yield finding(sameSession(call.caller, push.caller) ? 'P5' : 'L2', what, push, call)
  }
}

const sameSession = (one: CallerTrace, other: CallerTrace): boolean => one.session === other.session

const differs = (one: unknown, other: unknown): boolean => one !== undefined && other !== undefined && one !== other
