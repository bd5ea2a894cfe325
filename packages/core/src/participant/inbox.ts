import type { Message, Seq } from '../room/message.ts'

/**
 * What a participant knows of its room's order. Messages may arrive twice and out of order; they are given once, in
 * order, without a gap. Immutable.
 */
export interface Inbox {
  /** Up to here every seq is known: received, one's own, or missed. */
  readonly through: Seq
  /** Others' messages up to `through` that no answer has given yet, ascending. */
  readonly unseen: readonly Message[]
  /** Others' messages beyond a gap, ascending. */
  readonly outOfOrder: readonly Message[]
  /** One's own seqs beyond `through`, ascending. */
  readonly own: readonly Seq[]
  /** Seqs that are gone for good and that no answer has told yet. */
  readonly missed: { readonly from: Seq; readonly to: Seq } | undefined
  /** The room began anew, and no answer has told it yet. */
  readonly rejoined: boolean
}

export const inboxAt = (cursor: Seq, anew = false): Inbox => ({
  through: cursor,
  unseen: [],
  outOfOrder: [],
  own: [],
  missed: undefined,
  rejoined: anew,
})

/** Up to where everything was given. One's own messages are passed over: who was given everything stands at the head. */
export const cursorOf = (inbox: Inbox): Seq => (inbox.unseen.length === 0 ? inbox.through : inbox.unseen[0]!.seq - 1)

/** Is this seq known already, so that its message is a duplicate or one's own echo? */
export const knows = (inbox: Inbox, seq: Seq): boolean =>
  seq <= inbox.through || inbox.own.includes(seq) || inbox.outOfOrder.some(message => message.seq === seq)

/** With a message of others that was not known. */
export function receive(inbox: Inbox, message: Message): Inbox {
  if (message.seq === inbox.through + 1) {
    const next = { ...inbox, through: message.seq, unseen: [...inbox.unseen, message] }
    return inbox.outOfOrder.length + inbox.own.length === 0 ? next : closeGaps(next)
  }
  const behind = inbox.outOfOrder.findIndex(other => other.seq > message.seq)
  return { ...inbox, outOfOrder: inbox.outOfOrder.toSpliced(behind < 0 ? inbox.outOfOrder.length : behind, 0, message) }
}

/** With `from` to `to` known as one's own: an echo that came before its verdict is taken out again. */
export function skipRange(inbox: Inbox, from: Seq, to: Seq): Inbox {
  const others = (message: Message) => message.seq < from || message.seq > to
  const { unseen, outOfOrder } = inbox
  const rest = { ...inbox, unseen: unseen.filter(others), outOfOrder: outOfOrder.filter(others) }
  if (from <= inbox.through + 1) return closeGaps({ ...rest, through: Math.max(inbox.through, to) })
  const own = new Set(inbox.own)
  for (let seq = from; seq <= to; seq++) own.add(seq)
  return closeGaps({ ...rest, own: [...own].sort((a, b) => a - b) })
}

/** With `from` to `to` gone for good; those among them that had arrived are dropped. */
export function markMissed(inbox: Inbox, from: Seq, to: Seq): Inbox {
  const kept = (message: Message) => message.seq < from || message.seq > to
  const missed = inbox.missed
    ? { from: Math.min(inbox.missed.from, from), to: Math.max(inbox.missed.to, to) }
    : { from, to }
  const through = from <= inbox.through + 1 ? Math.max(inbox.through, to) : inbox.through
  return closeGaps({
    ...inbox,
    through,
    unseen: inbox.unseen.filter(kept),
    outOfOrder: inbox.outOfOrder.filter(kept),
    missed,
  })
}

/** With everything up to `through` given, and whatever else there was to tell told. */
export function markGiven(inbox: Inbox, through: Seq): Inbox {
  const left = inbox.unseen.findIndex(message => message.seq > through)
  return { ...inbox, unseen: left < 0 ? [] : inbox.unseen.slice(left), missed: undefined, rejoined: false }
}

/** Moves `through` over what is known behind it. */
function closeGaps(inbox: Inbox): Inbox {
  let { through } = inbox
  const arrived: Message[] = []
  let early = 0
  let own = 0
  for (;;) {
    while ((inbox.own[own] ?? Number.POSITIVE_INFINITY) <= through) own++
    while ((inbox.outOfOrder[early]?.seq ?? Number.POSITIVE_INFINITY) <= through) early++
    if (inbox.own[own] === through + 1) own++
    else if (inbox.outOfOrder[early]?.seq === through + 1) arrived.push(inbox.outOfOrder[early++]!)
    else break
    through++
  }
  return {
    ...inbox,
    through,
    unseen: arrived.length === 0 ? inbox.unseen : [...inbox.unseen, ...arrived],
    outOfOrder: inbox.outOfOrder.slice(early),
    own: inbox.own.slice(own),
  }
}
