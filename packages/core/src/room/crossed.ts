import type { Seq } from './message.ts'

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
  if (count === 0) return {}
  const crossed = others.slice(Math.max(first, last - CROSSED_NAMED), last)
  return count > CROSSED_NAMED ? { crossed, crossed_more: count - CROSSED_NAMED } : { crossed }
}
