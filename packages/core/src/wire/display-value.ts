import { codePoints, offsetOf } from '../draft/truncate.ts'
import { invisible } from '../room/names.ts'

const MAX_LENGTH = 40

/** Quotes `text`, cuts it to 40 code points and escapes invisible characters. */
export function quote(text: string): string {
  const kept = text.slice(0, offsetOf(text, MAX_LENGTH))
  const quoted = JSON.stringify(kept + (kept.length < text.length ? '…' : ''))
  return quoted.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, escaped).replace(invisible, escaped)
}

const escaped = (character: string): string => `\\u{${character.codePointAt(0)!.toString(16)}}`

/** Describes a received value in a few words, for an error. A `secret` value is described by its type and length. */
export function displayValue(value: unknown, secret = false): string {
  if (value === null) return 'null'
  if (Array.isArray(value)) return 'a list'
  if (typeof value === 'object') return 'an object'
  if (value === '') return 'an empty string'
  if (secret) return typeof value === 'string' ? `a string of ${codePoints(value)} characters` : `a ${typeof value}`
  if (typeof value === 'number') return `the number ${value}`
  if (typeof value !== 'string') return String(value)
  const length = codePoints(value)
  return length > MAX_LENGTH ? `a string of ${length} characters, ${quote(value)}` : quote(value)
}
