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
    // Somebody may be writing meanwhile.
    for (let attempt = 1; ; attempt++) {
      const found = look(file)
      if (found !== 'foreign' || attempt === ATTEMPTS) return found
    }
  } finally {
    closeSync(file)
  }
}

const ATTEMPTS = 5

function look(file: number): DataFile {
  const { size } = fstatSync(file)
  const first = pageAt(file, 0)
  if (!first) return 'foreign'
  const second = pageAt(file, first.pageSize)
  if (!second) return size > 2 * first.pageSize ? 'foreign' : 'short'
  if (!areTwins(first.transaction, second.transaction)) return 'foreign'
  const { lastPage } = first.transaction > second.transaction ? first : second
  return size >= (lastPage + 1) * first.pageSize ? 'whole' : 'short'
}

/** Each commit is named in the page that has not named the one before: else one of them would pass for the other. */
const areTwins = (even: bigint, odd: bigint): boolean =>
  even === odd ? even === 0n : even % 2n === 0n && (even - odd === 1n || odd - even === 1n)

function pageAt(file: number, position: number) {
  const page = Buffer.alloc(READ)
  if (readSync(file, page, 0, READ, position) < READ || page.readUInt32LE(at.mark) !== mark) return undefined
  return {
    pageSize: page.readUInt32LE(at.pageSize),
    lastPage: Number(page.readBigUInt64LE(at.lastPage)),
    transaction: page.readBigUInt64LE(at.transaction),
  }
}
