import { MidsentenceError } from '@midsentence/core'

/** That nothing could be tried, and what to start. */
export const couldNotRun = (sentence: string): MidsentenceError => new MidsentenceError('unavailable', sentence)
