import { usageError } from '../usage-error.ts'

const DAY_MS = 86_400_000

/** What `--keep-messages` and `--keep-days` say of what a room keeps. */
export function retentionOf(messages: string | undefined, days: string | undefined) {
  return {
    ...(messages !== undefined && { messages: wholeOf(messages, '--keep-messages') }),
    ...(days !== undefined && { age_ms: wholeOf(days, '--keep-days') * DAY_MS }),
  }
}

function wholeOf(text: string, what: string): number {
  if (/^[1-9]\d{0,8}$/.test(text)) return Number(text)
  throw usageError(`${what} takes a whole number above 0, not ${JSON.stringify(text)}.`)
}
