import { usageError } from '../usage-error.ts'

const DAY_MS = 86_400_000

/** Converts `--keep-messages` and `--keep-days` to the store's retention. Both absent keep everything. */
export function parseRetention(messages: string | undefined, days: string | undefined) {
  return {
    ...(messages !== undefined && { messages: parseWhole(messages, '--keep-messages') }),
    ...(days !== undefined && { age_ms: parseWhole(days, '--keep-days') * DAY_MS }),
  }
}

function parseWhole(text: string, source: string): number {
  if (/^[1-9]\d{0,8}$/.test(text)) return Number(text)
  throw usageError(`${source} takes a whole number above 0, not ${JSON.stringify(text)}.`)
}
