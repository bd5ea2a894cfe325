import type { Message, Seq } from './message.ts'

/** A message lists at most this many of the messages it crossed. */
export const CROSSED_NAMED = 100

/** The messages that a message crossed. Both members are absent if it crossed none. */
export interface Crossed {
  readonly crossed?: readonly Seq[]
  readonly crossed_more?: number
}

/**
 * Computes what a message crossed: the seqs in `others` strictly between its `base` and its own `seq`. `others` holds the
 * seqs of messages from other sessions, ascending.
 */
export function crossedBetween(others: readonly Seq[], base: Seq, seq: Seq): Crossed {
  let first = others.length
  while (first > 0 && others[first - 1]! > base) first--
  let last = others.length
  while (last > first && others[last - 1]! >= seq) last--
  const count = last - first
  return crossedOf(others.slice(Math.max(first, last - CROSSED_NAMED), last), count)
}

/** Builds a `Crossed` from the number of crossed messages and the `newest` of them, ascending. */
export function crossedOf(newest: readonly Seq[], count: number): Crossed {
  if (count === 0) return {}
  return count > newest.length ? { crossed: newest, crossed_more: count - newest.length } : { crossed: newest }
}

/** The cursor of its author after a message: its own seq, or its base if it crossed messages, which are still unseen. */
export const throughOf = ({ seq, base = seq - 1, crossed }: Pick<Message, 'seq' | 'base' | 'crossed'>): Seq =>
  crossed ? base : seq
