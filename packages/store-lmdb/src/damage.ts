import { MidsentenceError } from '@midsentence/core'

/** What to do where a store is damaged. */
export const advice = ' Look at all of it with: midsentence verify. Then restore a backup.'

/** What is wrong with what a store holds, as a sentence of its own. */
export const damaged = (what: string, cause?: unknown): MidsentenceError =>
  new MidsentenceError('internal', `The store is damaged: ${what}.${advice}`, cause === undefined ? {} : { cause })

/** Whatever is asked of a store that was closed. */
export const closedError = (what: string): MidsentenceError =>
  new MidsentenceError('unavailable', `The ${what} is closed: open it again.`)
