import type { Action, Call, Told, Witness } from './history.ts'

/** How a deed ended. `refused`: with an error that says that nothing was done. */
export type End = 'sent' | 'held' | 'done' | 'refused' | 'unknown'

/** One call, or the same one repeated under its key: one effect. */
export interface Deed {
  readonly witness: Witness
  readonly action: Action
  /** Which calls of the witness, in the order they were called. */
  readonly indexes: readonly number[]
  readonly calls: readonly Call[]
  /** When it was first called. */
  readonly from: number
  /** When its end was first known; `Infinity` where it never was. */
  readonly to: number
  readonly end: End
  readonly told?: Told
}

/** What a witness did, in the order it began. */
export function deedsOf(witness: Witness): Deed[] {
  const order = witness.calls.map((_, index) => index).sort((a, b) => witness.calls[a]!.from - witness.calls[b]!.from)
  const grouped = new Map<string | number, number[]>()
  for (const index of order) {
    const { key, action } = witness.calls[index]!
    const group = key === undefined ? index : `${action} ${key}`
    const indexes = grouped.get(group)
    if (indexes) indexes.push(index)
    else grouped.set(group, [index])
  }
  return [...grouped.values()].map(indexes => deedOf(witness, indexes))
}

function deedOf(witness: Witness, indexes: readonly number[]): Deed {
  const calls = indexes.map(index => witness.calls[index]!)
  const { action, from } = calls[0]!
  const answered = calls.filter(({ answer }) => answer)
  const told = answered[0]?.answer
  const to = told ? Math.min(...answered.map(endOf)) : Math.max(...calls.map(endOf))
  return { witness, action, indexes, calls, from, to, end: outcomeOf(calls, told), ...(told && { told }) }
}

const endOf = ({ to }: Call): number => to ?? Number.POSITIVE_INFINITY

function outcomeOf(calls: readonly Call[], told: Told | undefined): End {
  if (told) return told.held ? 'held' : told.seq === undefined ? 'done' : 'sent'
  // An error that is remembered speaks for the key; any other, for its own call alone.
  if (calls.some(({ error }) => error && remembered.has(error.code) && !error.data?.unknown)) return 'refused'
  return calls.every(({ error }) => error && !error.data?.unknown) ? 'refused' : 'unknown'
}

const remembered: ReadonlySet<string> = new Set(['no-draft', 'content-policy'])

export const isPush = ({ action }: Deed): boolean => action === 'push' || action === 'publish'

/** Could it have given messages that its caller never saw? */
export const isLost = ({ action, end }: Deed): boolean => end === 'unknown' && action !== 'yield' && action !== 'leave'
