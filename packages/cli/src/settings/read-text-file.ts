import { readFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { usageError } from '../usage-error.ts'

/**
 * Replaces a leading `~` by the home folder. A shell does so for an argument, but not in a settings file or after `=`. Throws
 * a usage error for the home folder of another user, as `~ben`.
 */
export function expandHome(path: string): string {
  const [, user, rest = ''] = /^~([^/\\]*)(.*)$/s.exec(path) ?? []
  if (user === undefined) return path
  if (user === '') return join(homedir(), rest)
  throw usageError(
    `${path} begins with the home folder of ${user}: write the whole path, or ./${path} for a folder here.`,
  )
}

/** Removes a byte order mark, with which some editors begin a file. */
export const withoutByteOrderMark = (text: string): string => text.replace(/^\ufeff/, '')

/**
 * Reads a text file in UTF-8, or in UTF-16 with a byte order mark, as Windows writes it. Drops the mark. Throws the error of
 * the file system.
 */
export function readTextFile(path: string): string {
  const bytes = readFileSync(expandHome(path))
  const [first, second] = bytes
  const encoding =
    first === 0xff && second === 0xfe ? 'utf-16le' : first === 0xfe && second === 0xff ? 'utf-16be' : 'utf-8'
  return new TextDecoder(encoding).decode(bytes)
}
