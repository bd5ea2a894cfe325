import type { Seq } from '@midsentence/core'
import type { Chronicle } from './chronicle.ts'
import type { Deed } from './deeds.ts'
import { type Finding, finding, named } from './finding.ts'
import type { Told, Witness } from './history.ts'

/** An answer brings at most so many messages. */
const PAGE_MESSAGES = 100

/** A check says 1 with something and 0 with nothing. */
export function* checksAreTrue({ deeds }: Chronicle): Generator<Finding> {
  for (const done of deeds.values()) {
    for (const deed of done) {
      if (deed.action !== 'check' || !deed.told) continue
      const { status, messages } = deed.told
      if ((status === 1) === messages.length > 0) continue
      yield finding('C1', `${named(deed)} said ${status} with ${messages.length} messages.`, deed)
    }
  }
}

/** Each answer is a slice of the room as it is: of others, in order, whole, and the cursor stands behind it. */
export function* answersAreSlices(chronicle: Chronicle): Generator<Finding> {
  for (const done of chronicle.deeds.values()) {
    for (const deed of done) if (deed.told) yield* slice(chronicle, deed, deed.told)
  }
}

function* slice(chronicle: Chronicle, deed: Deed, told: Told): Generator<Finding> {
  const { witness } = deed
  const { messages, cursor, missed } = told
  let last: Seq | undefined
  let inOrder = true
  for (const message of messages) {
    const { seq } = message
    const known = chronicle.at(seq)
    if (known && known.session === witness.session) {
      yield finding('L4', `${named(deed)} was given its own message ${seq}.`, deed)
    } else if (!known) {
      yield finding('L2', `${named(deed)} was given a message ${seq}, which is not in the log.`, deed)
    } else if (
      known.message_id !== message.message_id ||
      known.sender_id !== message.sender_id ||
      known.content !== message.content
    ) {
      yield finding('L2', `${named(deed)} was given as message ${seq} what others know as another.`, deed)
    }
    if (seq <= witness.cursor) {
      yield finding('R4', `${named(deed)} was given message ${seq}, from before the join (${witness.cursor}).`, deed)
    }
    if (last !== undefined && seq <= last) {
      inOrder = false
      yield finding('L1', `${named(deed)} was given message ${seq} behind ${last}.`, deed)
    }
    last = seq
  }
  if (messages.length > PAGE_MESSAGES) {
    yield finding('L5', `${named(deed)} was given ${messages.length} messages at once.`, deed)
  }
  const first = messages[0]?.seq
  if (first === undefined || last === undefined || !inOrder) return
  const due = chronicle.others(witness.session, first - 1, last, missed)
  const given = messages.filter(({ seq }) => !missed || seq < missed.from || seq > missed.to).length
  if (given < due)
    yield finding('L1', `${named(deed)} was given ${given} of ${due} messages from ${first} to ${last}.`, deed)
  if (cursor < last || chronicle.others(witness.session, last, cursor, missed) > 0) {
    yield finding('L5', `${named(deed)} was given messages up to ${last}, and told that it was up to ${cursor}.`, deed)
  }
}

/** All answers together: every message of others from the join on, each once, but for what is asked for again. */
export function* everythingOnce(chronicle: Chronicle): Generator<Finding> {
  for (const [witness, done] of chronicle.deeds) {
    const answered = done
      .filter(deed => deed.told)
      .sort((a, b) => a.told!.cursor - b.told!.cursor || b.told!.messages.length - a.told!.messages.length)
    yield* together(chronicle, witness, answered)
  }
}

function* together(chronicle: Chronicle, witness: Witness, answered: readonly Deed[]): Generator<Finding> {
  const knowledge = chronicle.knowledge.get(witness)!
  const { session } = witness
  /** What plain answers gave, and what was given or said by its reader to be. */
  let given = witness.cursor
  let covered = witness.cursor
  for (const deed of answered) {
    const { messages, cursor, missed } = deed.told!
    const after = saidBy(deed)
    const first = messages[0]?.seq
    if (after !== undefined) {
      const from = Math.max(after, witness.cursor)
      // While a check waited, other calls may have been given what came first.
      const due = deed.action === 'check' ? Math.max(from, covered) : from
      if (first !== undefined && (first <= from || chronicle.others(session, due, first - 1, missed) > 0)) {
        yield finding('R4', `${named(deed)} said ${after}, and was given what comes from ${first} on.`, deed)
      }
      // A check that a later one ended is told where its session stands, whatever it said.
      if (first === undefined && deed.action !== 'check' && chronicle.others(session, from, cursor, missed) > 0) {
        yield finding(
          'L5',
          `${named(deed)} said ${after} and was given nothing, but told that it was up to ${cursor}.`,
          deed,
        )
      }
      covered = Math.max(covered, cursor)
      continue
    }
    const before = knowledge.before(deed.from)
    if (first !== undefined && first <= Math.max(given, before)) {
      yield finding('L1', `${named(deed)} was given message ${first} a second time.`, deed)
    }
    if (cursor < before) yield finding('L5', `${named(deed)} was told ${cursor}, back from ${before}.`, deed)
    // Whoever says that it has something is not given it, whichever of its calls is answered first.
    covered = Math.max(covered, knowledge.claimedBefore(deed.to))
    const reaches = first === undefined ? cursor : first - 1
    if (chronicle.others(session, covered, reaches, missed) > 0 && !knowledge.lostBefore(deed.to)) {
      const skipped = chronicle.firstOther(session, covered)!.seq
      const how = first === undefined ? `was told that it was up to ${cursor}` : `was given what comes from ${first} on`
      yield finding(
        first === undefined ? 'L5' : 'L1',
        `${named(deed)} ${how}; message ${skipped} was never given.`,
        deed,
      )
    }
    given = Math.max(given, messages.length > 0 ? cursor : given)
    covered = Math.max(covered, cursor)
  }
}

/** The cursor that the first answered call said. */
const saidBy = ({ calls }: Deed): Seq | undefined => calls.find(({ answer }) => answer)?.after
