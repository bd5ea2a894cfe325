import { usageError } from './usage-error.ts'

/** The address of a server, without what stands behind its last name. */
export function parseAddress(text: string, what: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined
  const plain = url && /^https?:$/.test(url.protocol) && !url.username && !url.search && !url.hash
  if (plain) return url.href.replace(/\/+$/, '')
  throw usageError(`${what} is the address of a server, as http://127.0.0.1:8890, not ${JSON.stringify(text)}.`)
}

export function parseSpeed(text: string): number {
  const speed = Number(text)
  if (text.trim() !== '' && Number.isFinite(speed) && speed > 0) return speed
  throw usageError(`--speed takes a number above 0, as 2 for twice as fast, not ${JSON.stringify(text)}.`)
}

export function parsePort(text: string, what: string): number {
  if (/^\d{1,5}$/.test(text) && Number(text) <= 65_535) return Number(text)
  throw usageError(`${what} takes a number from 0 to 65535, where 0 is any that is free, not ${JSON.stringify(text)}.`)
}

export function requireName(text: string | undefined): string {
  if (text !== undefined && text.trim() !== '') return text
  throw usageError('You need a name in the room, as in: --name Ada')
}

export function parseCount(text: string, what: string): number {
  if (/^[1-9]\d{0,9}$/.test(text)) return Number(text)
  throw usageError(`${what} takes a whole number above 0, not ${JSON.stringify(text)}.`)
}
