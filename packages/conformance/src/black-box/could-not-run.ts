import { MidsentenceError } from '@midsentence/core'

/** That nothing could be tried, and what to start. */
export const cannotRun = (sentence: string): MidsentenceError => new MidsentenceError('unavailable', sentence)
