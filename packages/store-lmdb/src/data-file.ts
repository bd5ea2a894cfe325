import { closeSync, fstatSync, openSync, readSync } from 'node:fs'
import { join } from 'node:path'

/** Where LMDB keeps everything. */
export const dataFileIn = (directory: string): string => join(directory, 'data.mdb')

/** LMDB's mark, behind the header of each of its first two pages, and where in them the rest stands. */
const mark = 0xbeefc0de
const at = { mark: 24, pageSize: 48, lastPage: 144, transaction: 152 } as const
const READ = 160

/** What the data file says of itself: is it LMDB's, and is all of it there? */
export type DataFile = 'absent' | 'foreign' | 'short' | 'whole'

/**
 * Looks at a data file before LMDB maps it: reading behind the end of a file that was cut off ends the whole process.
 * `short` may be harmless, since the last pages need not have been written ever.
 */
export function lookAtDataFile(directory: string): DataFile {
  let file: number
  try {
    file = openSync(dataFileIn(directory), 'r')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return 'absent'
    throw error
  }
  try {
    const { size } = fstatSync(file)
    const first = pageAt(file, 0)
    if (!first) return 'foreign'
    const pages = [first, pageAt(file, first.pageSize)].filter(page => page !== undefined)
    const newest = pages.reduce((one, other) => (other.transaction > one.transaction ? other : one))
    return pages.length === 2 && size >= (newest.lastPage + 1) * first.pageSize ? 'whole' : 'short'
  } finally {
    closeSync(file)
  }
}

function pageAt(file: number, position: number) {
  const page = Buffer.alloc(READ)
  if (readSync(file, page, 0, READ, position) < READ || page.readUInt32LE(at.mark) !== mark) return undefined
  return {
    pageSize: page.readUInt32LE(at.pageSize),
    lastPage: Number(page.readBigUInt64LE(at.lastPage)),
    transaction: page.readBigUInt64LE(at.transaction),
  }
}
