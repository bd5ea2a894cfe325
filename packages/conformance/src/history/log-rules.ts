import type { Chronicle, Known } from './chronicle.ts'
import type { Deed } from './deeds.ts'
import { type Finding, finding, named } from './finding.ts'
import type { Witness } from './history.ts'

/** The log stands in one order, without gaps, each place taken once. */
export function* orderOfLog({ history }: Chronicle): Generator<Finding> {
  let last: number | undefined
  for (const { seq } of history.log ?? []) {
    if (last !== undefined && seq !== last + 1) yield finding('L2', `In the log ${seq} stands right behind ${last}.`)
    last = seq
  }
}

/** What was acknowledged is in the log, at its place, as it was sent, under its sender. */
export function* acknowledged(chronicle: Chronicle): Generator<Finding> {
  for (const push of chronicle.pushes) {
    const { witness, told, calls } = push
    if (push.end !== 'sent') continue
    const seq = told!.seq!
    const first = chronicle.pushAt(seq)
    if (first !== push) {
      yield finding(
        'L2',
        `${named(first!)} and ${named(push)} were both told that they are message ${seq}.`,
        first,
        push,
      )
      continue
    }
    const message = chronicle.at(seq)
    if (!message) {
      yield finding('G1', `${named(push)} was acknowledged as message ${seq}, which is not in the log.`, push)
    } else if (message.session !== witness.session || message.sender_id !== witness.name) {
      yield finding('P1', `${named(push)} was acknowledged as message ${seq}, which is ${message.sender_id}'s.`, push)
    } else if (differs(calls[0]!.content, message.content)) {
      yield finding('P1', `${named(push)} was acknowledged as message ${seq}, whose content is another.`, push)
    } else if (differs(told!.message_id, message.message_id) || differs(told!.timestamp, message.timestamp)) {
      yield finding('L2', `${named(push)} was told another id or time than message ${seq} has.`, push)
    }
  }
}

/** What is there was pushed: acknowledged there, or by a push whose end is not known, once. */
export function* accountedFor(chronicle: Chronicle): Generator<Finding> {
  const pushes = new Map<string, Deed[]>()
  for (const witness of chronicle.deeds.keys()) pushes.set(witness.session, [])
  for (const push of chronicle.pushes) pushes.get(push.witness.session)!.push(push)
  const unacknowledged = new Map<string, Known[]>()
  for (const message of chronicle.messages) {
    const { session, seq } = message
    if (chronicle.pushAt(seq)?.witness.session === session || !pushes.has(session)) continue
    const messages = unacknowledged.get(session)
    if (messages) messages.push(message)
    else unacknowledged.set(session, [message])
  }
  for (const [session, messages] of unacknowledged) {
    const own = pushes.get(session)!
    const unknown = new Unknown(own.filter(({ end }) => end === 'unknown'))
    const tooMany = messages.filter(({ content }) => !unknown.take(content))
    if (tooMany.length === 0) continue
    const known = byContent(own)
    for (const message of tooMany) yield whence(message, known.get(message.content ?? ''))
  }
}

/** Pushes that may be in the log or not, each at most once. */
class Unknown {
  readonly #byContent = new Map<string | undefined, number>()

  constructor(pushes: readonly Deed[]) {
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

/** The push that had each content: one that was sent or may have been, before one that was not. */
function byContent(pushes: readonly Deed[]): ReadonlyMap<string, Deed> {
  const found = new Map<string, Deed>()
  for (const push of pushes) {
    const { content } = push.calls[0]!
    if (content !== undefined && (!found.has(content) || maySend(push))) found.set(content, push)
  }
  return found
}

const maySend = ({ end }: Deed): boolean => end === 'sent' || end === 'unknown'

/** Which rule a message breaks that is one too many; `push` had the same content. */
function whence({ seq, sender_id }: Known, push: Deed | undefined): Finding {
  if (!push) return finding('P1', `Message ${seq} stands under ${sender_id}'s name, who did not push it.`)
  if (maySend(push)) return finding('P4', `${named(push)} is in the room a second time, as message ${seq}.`, push)
  const end = push.end === 'held' ? 'was held' : 'ended with an error'
  return finding('P3', `${named(push)} ${end}, and is in the room all the same, as message ${seq}.`, push)
}

interface Evidence {
  readonly at: number
  readonly head: number
  readonly deed: Deed
}

/** What was known to be in the room before a push was called stands before it. */
export function* realTime({ deeds, pushes }: Chronicle): Generator<Finding> {
  const evidence: Evidence[] = []
  for (const done of deeds.values()) {
    for (const deed of done) {
      if (deed.told) evidence.push({ at: deed.to, head: Math.max(deed.told.cursor, deed.told.seq ?? 0), deed })
    }
  }
  evidence.sort((a, b) => a.at - b.at)
  const sent = pushes.filter(({ end }) => end === 'sent').sort((a, b) => a.from - b.from)
  let newest: Evidence | undefined
  let next = 0
  for (const push of sent) {
    for (; next < evidence.length && evidence[next]!.at < push.from; next++) {
      if (!newest || evidence[next]!.head > newest.head) newest = evidence[next]
    }
    const seq = push.told!.seq!
    if (!newest || newest.head < seq) continue
    const { head, deed } = newest
    const what = `${named(push)} became message ${seq}, but was called after ${named(deed)} had told of message ${head}.`
    yield finding(sameSession(deed.witness, push.witness) ? 'P5' : 'L2', what, push, deed)
  }
}

const sameSession = (one: Witness, other: Witness): boolean => one.session === other.session

const differs = (one: unknown, other: unknown): boolean => one !== undefined && other !== undefined && one !== other
