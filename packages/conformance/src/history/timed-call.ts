import type { CallAction, CallerTrace, RecordedAnswer, RecordedCall } from './history.ts'

/** How a call ended. `refused`: with an error that says that it had no effect. */
export type TimedOutcome = 'sent' | 'held' | 'done' | 'refused' | 'unknown'

/** A call together with its repetitions under the same key: one effect. */
export interface TimedCall {
  readonly caller: CallerTrace
  readonly action: CallAction
  /** The indexes of the caller's calls that belong to it, in call order. */
  readonly indexes: readonly number[]
  readonly calls: readonly RecordedCall[]
  /** When it was first called. */
  readonly from: number
  /** When its outcome was first known; `Infinity` if it never was. */
  readonly to: number
  readonly outcome: TimedOutcome
  readonly answer?: RecordedAnswer
}

/** Groups the calls of a caller by key, in the order they began. */
export function timedCallsOf(caller: CallerTrace): TimedCall[] {
  const order = caller.calls.map((_, index) => index).sort((a, b) => caller.calls[a]!.from - caller.calls[b]!.from)
  const grouped = new Map<string | number, number[]>()
  for (const index of order) {
    const { key, action } = caller.calls[index]!
    const group = key === undefined ? index : `${action} ${key}`
    const indexes = grouped.get(group)
    if (indexes) indexes.push(index)
    else grouped.set(group, [index])
  }
  return [...grouped.values()].map(indexes => timedCallOf(caller, indexes))
}

function timedCallOf(caller: CallerTrace, indexes: readonly number[]): TimedCall {
  const calls = indexes.map(index => caller.calls[index]!)
  const { action, from } = calls[0]!
  const answered = calls.filter(({ answer }) => answer)
  const answer = answered[0]?.answer
  const to = answer ? Math.min(...answered.map(endedAt)) : Math.max(...calls.map(endedAt))
  return {
    caller: caller,
    action,
    indexes,
    calls,
    from,
    to,
    outcome: outcomeOf(calls, answer),
    ...(answer && { answer }),
  }
}

/** Whether an answer says that another participant has the floor, or may have it. */
export const isAnothersFloor = ({ name, shared }: CallerTrace, { floor }: RecordedAnswer): boolean =>
  floor !== undefined && (floor.name !== name || shared === true)

/** Whether a message may bear this sender's name. */
export const mayBeNameOf = ({ name, shared }: CallerTrace, sender_id: string): boolean =>
  sender_id === name || (shared === true && sender_id.replace(/-\d+$/, '') === name)

const endedAt = ({ to }: RecordedCall): number => to ?? Number.POSITIVE_INFINITY

function outcomeOf(calls: readonly RecordedCall[], answer: RecordedAnswer | undefined): TimedOutcome {
  if (answer) return answer.held ? 'held' : answer.seq === undefined ? 'done' : 'sent'
  // The server repeats a remembered error for the key. Any other error concerns its own call alone.
  if (calls.some(({ error }) => error && remembered.has(error.code) && !error.data?.unknown)) return 'refused'
  return calls.every(({ error }) => error && !error.data?.unknown) ? 'refused' : 'unknown'
}

const remembered: ReadonlySet<string> = new Set(['no-draft', 'content-policy'])

export const isPush = ({ action }: TimedCall): boolean => action === 'push' || action === 'publish'

/** Tells whether its lost answer may have delivered messages that its caller never saw. */
export const mayHaveDelivered = ({ action, outcome }: TimedCall): boolean =>
  outcome === 'unknown' && action !== 'yield' && action !== 'leave'
