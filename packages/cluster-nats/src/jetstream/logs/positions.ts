import type { Position } from '@midsentence/core'

/** A position is the number of records before it. */
export const formatPosition = (records: number): Position => `${records}`

/** Returns the number of records before a position. Undefined for a position of another log. */
export const parsePosition = (position: Position): number | undefined =>
  /^(0|[1-9]\d{0,15})$/.test(position) ? Number(position) : undefined
