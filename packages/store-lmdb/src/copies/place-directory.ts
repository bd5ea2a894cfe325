import { existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmdirSync } from 'node:fs'
import { dirname } from 'node:path'
import { MidsentenceError } from '@midsentence/core'

/** Throws `unavailable` if `path` exists and is not an empty directory. */
export function checkFree(path: string): void {
  if (!existsSync(path)) return
  let content: string[] = ['']
  try {
    content = readdirSync(path)
  } catch {
    // Not a directory.
  }
  if (content.length > 0) throw notFree(path)
}

/** Creates a directory beside `target`, for what is to become `target`. No other process uses it. */
export function createPartial(target: string): string {
  mkdirSync(dirname(target), { recursive: true, mode: 0o700 })
  return mkdtempSync(`${target}.partial-`)
}

/** Renames `partial` to `target`. Throws `unavailable` if another process has filled `target` meanwhile. */
export function placeDirectory(partial: string, target: string): void {
  try {
    if (existsSync(target)) rmdirSync(target)
    renameSync(partial, target)
  } catch (error) {
    const { code = '' } = error as NodeJS.ErrnoException
    if (code === 'ENOTEMPTY' || code === 'EEXIST' || code === 'ENOTDIR') throw notFree(target)
    throw error
  }
}

const notFree = (path: string) =>
  new MidsentenceError('unavailable', `${path} already exists: choose a directory that is new or empty.`)
