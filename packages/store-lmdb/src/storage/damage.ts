import { MidsentenceError } from '@midsentence/core'

/** The advice that ends each sentence about a damaged store. */
export const damageAdvice = ' To list all damage, run: midsentence verify. Then restore a backup.'

/** Creates the error for a damaged store. */
export const damaged = (what: string, cause?: unknown): MidsentenceError =>
  new MidsentenceError(
    'internal',
    `The store is damaged: ${what}.${damageAdvice}`,
    cause === undefined ? {} : { cause },
  )

/** Creates the error for a call after `close`. */
export const closedError = (what: string): MidsentenceError =>
  new MidsentenceError('unavailable', `The ${what} is closed: open it again.`)
