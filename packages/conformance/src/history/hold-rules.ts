import type { RoomPolicy, Seq } from '@midsentence/core'
import type { Chronicle, Known } from './chronicle.ts'
import type { Deed } from './deeds.ts'
import { type Finding, finding, named } from './finding.ts'

/** A message names so many of those it crossed. */
const CROSSED_NAMED = 100

/** A message's base is what its author had been given when it called. */
export function* basesAreKnown(chronicle: Chronicle): Generator<Finding> {
  for (const push of chronicle.pushes) {
    const { witness, told } = push
    if (push.end !== 'sent' || chronicle.free.has(witness.session)) continue
    const { seq, base } = chronicle.at(told!.seq!) ?? {}
    if (base === undefined || chronicle.pushAt(seq!) !== push) continue
    const { low, high } = chronicle.knowledge.get(witness)!.baseOf(push)
    if (base >= low && base <= high && base < seq!) continue
    const knew = low === high ? `${low}` : `${low} to ${high}`
    yield finding('H1', `${named(push)} was judged by ${base}; its author had been given up to ${knew}.`, push)
  }
}

/** Under `hold` nothing is crossed, but by those who speak out of turn. */
export function* nothingIsCrossed(chronicle: Chronicle): Generator<Finding> {
  if (policyOf(chronicle) !== 'hold') return
  for (const { session, seq, base } of chronicle.messages) {
    if (base === undefined || chronicle.free.has(session)) continue
    const crossed = chronicle.others(session, base, seq - 1) - chronicle.freeOthers(session, base, seq - 1)
    if (crossed <= 0) continue
    const push = chronicle.pushAt(seq)
    const what = `Message ${seq} was judged by ${base} and sent, though others had spoken since (${crossed}).`
    yield finding('H1', what, push)
  }
}

/** A message and its author's answer say what it crossed: no more, no less. */
export function* crossedIsSaid(chronicle: Chronicle): Generator<Finding> {
  for (const message of chronicle.messages) {
    const { session, seq, base } = message
    if (base === undefined || !chronicle.complete(base, seq)) continue
    const count = chronicle.others(session, base, seq - 1)
    const named = count === 0 ? [] : chronicle.newestOthers(session, base, seq, CROSSED_NAMED)
    const push = chronicle.pushAt(seq)
    for (const said of [message, push?.told]) {
      if (!said || isSaid(said, named, count)) continue
      const saying = said === message ? `Message ${seq} says` : `The author of message ${seq} was told`
      yield finding('H3', `${saying} that it crossed ${listed(said)}; it was ${listed({ crossed: named })}.`, push)
    }
  }
}

interface Crossing {
  readonly crossed?: readonly Seq[]
  readonly crossed_more?: number
}

function isSaid({ crossed = [], crossed_more = 0 }: Crossing, named: readonly Seq[], count: number): boolean {
  return (
    crossed_more === count - named.length &&
    crossed.length === named.length &&
    crossed.every((seq, at) => seq === named[at])
  )
}

const listed = ({ crossed = [], crossed_more }: Crossing): string =>
  `${crossed.length === 0 ? 'nothing' : crossed.join(', ')}${crossed_more ? ` and ${crossed_more} more` : ''}`

/** A push is held for a message of another that may have been there, or for somebody's floor. */
export function* holdsAreJust(chronicle: Chronicle): Generator<Finding> {
  const annotates = policyOf(chronicle) === 'annotate'
  const unknown = new Set(chronicle.pushes.filter(({ end }) => end === 'unknown').map(({ witness }) => witness.session))
  for (const push of chronicle.pushes) {
    const { witness, told } = push
    if (push.end !== 'held') continue
    if (annotates) {
      yield finding('H2', `${named(push)} was held in a room that annotates.`, push)
      continue
    }
    if (told!.floor && told!.floor.name !== witness.name) continue
    const { low } = chronicle.knowledge.get(witness)!.baseOf(push)
    const cause = chronicle.firstOther(witness.session, low)
    if (cause ? mayStandBefore(chronicle, cause, push) : mayBeUnseen(chronicle, unknown, push)) continue
    const why = cause ? `message ${cause.seq} was pushed only later` : `there is no message of another above ${low}`
    yield finding('H1', `${named(push)} was held for nothing: ${why}.`, push, cause && chronicle.pushAt(cause.seq))
  }
}

/** Was it called before the hold's end? Where its call is not known, it may have been. */
function mayStandBefore(chronicle: Chronicle, { seq }: Known, hold: Deed): boolean {
  const push = chronicle.pushAt(seq)
  return !push || push.from < hold.to
}

/** Without a log, there may be messages of lost pushes that nobody was given. */
const mayBeUnseen = ({ history }: Chronicle, unknown: ReadonlySet<string>, { witness }: Deed): boolean =>
  !history.log && [...unknown].some(session => session !== witness.session)

const policyOf = ({ history }: Chronicle): RoomPolicy => history.settings?.policy ?? 'hold'
