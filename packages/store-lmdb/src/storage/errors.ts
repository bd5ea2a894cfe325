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

/** Returns the text of a system error without its code, its system call and its source line. */
export const systemMessage = (cause: unknown): string =>
  (cause instanceof Error ? cause.message : String(cause))
    .split(': Attempting')[0]!
    .replace(/^E[A-Z0-9]+: (.+), [a-z]+$/, '$1')
