import { usageError } from './usage-error.ts'

/** Parses a server's http(s) URL and drops trailing slashes. Throws a usage error that names `source`. */
export function parseAddress(text: string, source: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined
  // A second address, after another separator than a comma, would become a part of the first one.
  const isOne = text.split('://').length === 2
  const plain = url && isOne && /^https?:$/.test(url.protocol) && !url.username && !url.search && !url.hash
  if (plain) return url.href.replace(/\/+$/, '')
  throw usageError(`${source} is the address of a server, as http://127.0.0.1:8890, not ${JSON.stringify(text)}.`)
}

/** Parses the addresses of servers that share their rooms: one, or several with commas. */
export const parseAddresses = (text: string, source: string): readonly string[] =>
  text.split(',').map(each => parseAddress(each.trim(), source))

/** Parses the value of `--speed`, a factor above 0. */
export function parseSpeed(text: string): number {
  const speed = Number(text)
  if (text.trim() !== '' && Number.isFinite(speed) && speed > 0) return speed
  throw usageError(`--speed takes a number above 0, as 2 for twice as fast, not ${JSON.stringify(text)}.`)
}

/** Parses a TCP port from 0 to 65535. */
export function parsePort(text: string, source: string): number {
  if (/^\d{1,5}$/.test(text) && Number(text) <= 65_535) return Number(text)
  throw usageError(`${source} takes a number from 0 to 65535, where 0 picks a free port, not ${JSON.stringify(text)}.`)
}

/** Returns the value of `--name`. Throws a usage error when it is missing or blank. */
export function requireName(text: string | undefined): string {
  if (text !== undefined && text.trim() !== '') return text
  throw usageError('You need a name in the room, as in: --name Ada')
}

/** Parses a whole number above 0. */
export function parseCount(text: string, source: string): number {
  if (/^[1-9]\d{0,9}$/.test(text)) return Number(text)
  throw usageError(`${source} takes a whole number above 0, not ${JSON.stringify(text)}.`)
}

/** Parses a number from 0 to `max`, such as a temperature. */
export function parseNumber(text: string, source: string, max: number): number {
  if (/^\d{1,9}(\.\d+)?$/.test(text) && Number(text) <= max) return Number(text)
  throw usageError(`${source} takes a number from 0 to ${max}, not ${JSON.stringify(text)}.`)
}

/** Parses the value of `--last`: a whole number, 0 or more. */
export function parseLast(text: string): number {
  if (/^\d{1,6}$/.test(text)) return Number(text)
  throw usageError(`--last takes a whole number from 0 on, as 20, not ${JSON.stringify(text)}.`)
}

/** Parses the value of `--journal`: the path of a file. */
export function parseJournalPath(text: string | undefined): string | undefined {
  if (text === undefined || text.trim() !== '') return text
  throw usageError('--journal takes the path of a file.')
}

/** Parses the value of `--check-max`: milliseconds from a second to an hour. */
export function parseCheckMax(text: string): number {
  if (/^\d{4,7}$/.test(text) && Number(text) >= 1000 && Number(text) <= 3_600_000) return Number(text)
  throw usageError(`--check-max takes milliseconds from 1000 to 3600000, not ${JSON.stringify(text)}.`)
}

/** Parses the value of `--tool-prefix`: characters that every host allows in the name of a tool. */
export function parseToolPrefix(text: string): string {
  if (/^[A-Za-z0-9_-]{1,20}$/.test(text)) return text
  throw usageError(`--tool-prefix takes up to 20 letters, digits, _ and -, as chat_, not ${JSON.stringify(text)}.`)
}
