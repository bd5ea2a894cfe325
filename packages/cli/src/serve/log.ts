import type { ServerLog } from '@midsentence/server'
import { pino } from 'pino'

/** Lines of JSON on standard error: standard output is for whoever reads along. */
export const logTo = (level: string): ServerLog =>
  pino(
    {
      level,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: label => ({ level: label }) },
    },
    pino.destination({ dest: 2, sync: true }),
  )
