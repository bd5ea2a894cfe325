import { usageError } from '../usage-error.ts'

const DAY_MS = 86_400_000

const UNIT_BYTES: Readonly<Record<string, number>> = { MB: 1e6, GB: 1e9, TB: 1e12 }

export interface RetentionTexts {
  readonly messages: string | undefined
  readonly days: string | undefined
  readonly bytes: string | undefined
}

/** Converts `--keep-messages`, `--keep-days` and `--keep-bytes` to a retention. Absent ones keep everything. */
export function parseRetention({ messages, days, bytes }: RetentionTexts) {
  return {
    ...(messages !== undefined && { messages: parseWhole(messages, '--keep-messages') }),
    ...(days !== undefined && { age_ms: parseWhole(days, '--keep-days') * DAY_MS }),
    ...(bytes !== undefined && { bytes: parseBytes(bytes) }),
  }
}

function parseWhole(text: string, source: string): number {
  if (/^[1-9]\d{0,8}$/.test(text)) return Number(text)
  throw usageError(`${source} takes a whole number above 0, not ${JSON.stringify(text)}.`)
}

function parseBytes(text: string): number {
  const [, number, unit = ''] = /^([1-9]\d{0,5}) ?([MGT]B)$/i.exec(text) ?? []
  if (number !== undefined) return Number(number) * UNIT_BYTES[unit.toUpperCase()]!
  throw usageError(`--keep-bytes takes a number with MB, GB or TB, as 500MB, not ${JSON.stringify(text)}.`)
}
