import type { Message, Seq } from '../room/message.ts'

/**
 * What a participant knows of the order of its room. Messages may arrive twice and out of order; each is given once, in
 * order, without a gap. Immutable.
 */
export interface Inbox {
  /** Messages that a session before this one received and no answer has given yet, oldest first. */
  readonly earlier: readonly Message[]
  /** Every seq up to here is known: received, own, or missed. */
  readonly through: Seq
  /** Others' messages up to `through` that no answer has given yet, ascending. */
  readonly unseen: readonly Message[]
  /** Others' messages after a gap, ascending. */
  readonly outOfOrder: readonly Message[]
  /** Own seqs after `through`, ascending. */
  readonly own: readonly Seq[]
  /** Seqs that are gone for good, not reported yet. */
  readonly missed: { readonly from: Seq; readonly to: Seq } | undefined
  /** The server replaced the session, in the same room or in another one; not reported yet. */
  readonly rejoined: 'session' | 'room' | undefined
  /** The participant's new name, where another one took its name; not reported yet. */
  readonly renamed: string | undefined
}

export const inboxAt = (cursor: Seq): Inbox => ({
  earlier: [],
  through: cursor,
  unseen: [],
  outOfOrder: [],
  own: [],
  missed: undefined,
  rejoined: undefined,
  renamed: undefined,
})

/**
 * The inbox of a session that replaces one with `inbox`, read up to `cursor`. What was received stays to be given. In the
 * same room, the seqs between are missed. A message whose seq means nothing any more, as in another room, has seq 0.
 */
export function rejoinAt(inbox: Inbox, cursor: Seq, rejoined: 'session' | 'room'): Inbox {
  const isPast = ({ seq }: Message) => rejoined === 'session' && seq <= cursor
  const earlier = [...inbox.earlier, ...inbox.unseen].map(each => (isPast(each) ? each : { ...each, seq: 0 }))
  const fresh = { ...inboxAt(cursor), earlier, rejoined, renamed: inbox.renamed }
  if (rejoined === 'room') return fresh
  const kept = { ...fresh, missed: inbox.missed }
  return cursor > inbox.through ? markMissed(kept, inbox.through + 1, cursor) : kept
}

/** Whether a message or a gap waits that no answer has reported: not as unseen messages of this session, but from before. */
export const hasUnreported = ({ earlier, missed }: Inbox): boolean => earlier.length > 0 || missed !== undefined

/** Returns the cursor: the seq up to which everything was given. Own messages count as given. */
export const cursorOf = (inbox: Inbox): Seq => (inbox.unseen.length === 0 ? inbox.through : inbox.unseen[0]!.seq - 1)

/** Whether `seq` is known already, so that its message is a duplicate or the participant's own. */
export const knows = (inbox: Inbox, seq: Seq): boolean =>
  seq <= inbox.through || inbox.own.includes(seq) || inbox.outOfOrder.some(message => message.seq === seq)

/** Adds a message of another participant that was not known. */
export function receive(inbox: Inbox, message: Message): Inbox {
  if (message.seq === inbox.through + 1) {
    const next = { ...inbox, through: message.seq, unseen: [...inbox.unseen, message] }
    return inbox.outOfOrder.length + inbox.own.length === 0 ? next : closeGaps(next)
  }
  const after = inbox.outOfOrder.findIndex(other => other.seq > message.seq)
  return { ...inbox, outOfOrder: inbox.outOfOrder.toSpliced(after < 0 ? inbox.outOfOrder.length : after, 0, message) }
}

/** Marks `from` to `to` as own messages. Removes an own message that arrived before its verdict. */
export function skipRange(inbox: Inbox, from: Seq, to: Seq): Inbox {
  const others = (message: Message) => message.seq < from || message.seq > to
  const { unseen, outOfOrder } = inbox
  const rest = { ...inbox, unseen: unseen.filter(others), outOfOrder: outOfOrder.filter(others) }
  if (from <= inbox.through + 1) return closeGaps({ ...rest, through: Math.max(inbox.through, to) })
  const own = new Set(inbox.own)
  for (let seq = from; seq <= to; seq++) own.add(seq)
  return closeGaps({ ...rest, own: [...own].sort((a, b) => a - b) })
}

/** Marks `from` to `to` as gone for good. Drops messages among them that had arrived. */
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

/**
 * Marks everything up to `through` as given, and the first `earlier` messages of a session before. Missed seqs, a replaced
 * session and a new name are reported.
 */
export function markGiven(inbox: Inbox, through: Seq, earlier = 0): Inbox {
  const left = inbox.unseen.findIndex(message => message.seq > through)
  return {
    ...inbox,
    earlier: earlier === 0 ? inbox.earlier : inbox.earlier.slice(earlier),
    unseen: left < 0 ? [] : inbox.unseen.slice(left),
    missed: undefined,
    rejoined: undefined,
    renamed: undefined,
  }
}

/** Moves `through` over the known seqs that directly follow it. */
function closeGaps(inbox: Inbox): Inbox {
  let { through } = inbox
  const arrived: Message[] = []
  let next = 0
  let own = 0
  for (;;) {
    while ((inbox.own[own] ?? Number.POSITIVE_INFINITY) <= through) own++
    while ((inbox.outOfOrder[next]?.seq ?? Number.POSITIVE_INFINITY) <= through) next++
    if (inbox.own[own] === through + 1) own++
    else if (inbox.outOfOrder[next]?.seq === through + 1) arrived.push(inbox.outOfOrder[next++]!)
    else break
    through++
  }
  return {
    ...inbox,
    through,
    unseen: arrived.length === 0 ? inbox.unseen : [...inbox.unseen, ...arrived],
    outOfOrder: inbox.outOfOrder.slice(next),
    own: inbox.own.slice(own),
  }
}
