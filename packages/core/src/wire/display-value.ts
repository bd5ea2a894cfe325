import { codePoints, offsetOf } from '../draft/truncate.ts'

const longest = 40

/** `text` in quotes, cut where it is long, with whatever cannot be seen escaped. */
export function quote(text: string): string {
  const kept = text.slice(0, offsetOf(text, longest))
  const seen = JSON.stringify(kept + (kept.length < text.length ? '…' : ''))
  return seen.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, unseen => `\\u{${unseen.codePointAt(0)!.toString(16)}}`)
}

/** A value that came, in a few words for an error. Of what is `secret` only its kind and length. */
export function displayValue(value: unknown, secret = false): string {
  if (value === null) return 'null'
  if (Array.isArray(value)) return 'a list'
  if (typeof value === 'object') return 'an object'
  if (value === '') return 'an empty string'
  if (secret) return typeof value === 'string' ? `a string of ${codePoints(value)} characters` : `a ${typeof value}`
  if (typeof value === 'number') return `the number ${value}`
  if (typeof value !== 'string') return String(value)
  const length = codePoints(value)
  return length > longest ? `a string of ${length} characters, ${quote(value)},` : quote(value)
}
