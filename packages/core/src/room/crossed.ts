import type { Message, Seq } from './message.ts'

/** A message names so many of those it crossed. */
export const CROSSED_NAMED = 100

export interface Crossed {
  readonly crossed?: readonly Seq[]
  readonly crossed_more?: number
}

/**
 * What a message crossed: of `others`, the ascending seqs of other sessions' messages, those strictly between the
 * `base` it was judged by and its own `seq`. Empty where it crossed nothing.
 */
export function crossedBetween(others: readonly Seq[], base: Seq, seq: Seq): Crossed {
  let first = others.length
  while (first > 0 && others[first - 1]! > base) first--
  let last = others.length
  while (last > first && others[last - 1]! >= seq) last--
  const count = last - first
  return crossedOf(others.slice(Math.max(first, last - CROSSED_NAMED), last), count)
}

/** What a message crossed, where that were `count` in all and these are the `newest`, ascending, as many as are named. */
export function crossedOf(newest: readonly Seq[], count: number): Crossed {
  if (count === 0) return {}
  return count > newest.length ? { crossed: newest, crossed_more: count - newest.length } : { crossed: newest }
}

/** The cursor of its author after a message: its own seq, or its base if it crossed messages, which are still unseen. */
export const throughOf = ({ seq, base = seq - 1, crossed }: Message): Seq => (crossed ? base : seq)
