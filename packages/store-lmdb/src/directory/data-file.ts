import { closeSync, fstatSync, openSync, readSync } from 'node:fs'
import { join } from 'node:path'

/** The path of LMDB's data file. */
export const dataFileIn = (directory: string): string => join(directory, 'data.mdb')

/** LMDB's magic number, and the offsets of fields in its two meta pages. */
const magic = 0xbeefc0de
const offsets = { magic: 24, pageSize: 48, lastPage: 144, transaction: 152 } as const
const READ = 160

/** `foreign`: not LMDB's, or its meta pages are damaged. `short`: shorter than its meta page says. */
export type DataFileState = 'absent' | 'foreign' | 'short' | 'whole'

/**
 * Inspects a data file before LMDB maps it: reading past the end of a truncated file ends the process. `short` can be
 * harmless, because LMDB may never have written the last pages.
 */
export function inspectDataFile(directory: string): DataFileState {
  let file: number
  try {
    file = openSync(dataFileIn(directory), 'r')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return 'absent'
    throw error
  }
  try {
    // A commit in another process may be rewriting a meta page.
    for (let attempt = 1; ; attempt++) {
      const found = stateOf(file)
      if (found !== 'foreign' || attempt === ATTEMPTS) return found
    }
  } finally {
    closeSync(file)
  }
}

const ATTEMPTS = 5

function stateOf(file: number): DataFileState {
  const { size } = fstatSync(file)
  const first = pageAt(file, 0)
  if (!first) return 'foreign'
  const second = pageAt(file, first.pageSize)
  if (!second) return size > 2 * first.pageSize ? 'foreign' : 'short'
  if (!areConsecutive(first.transaction, second.transaction)) return 'foreign'
  const { lastPage } = first.transaction > second.transaction ? first : second
  return size >= (lastPage + 1) * first.pageSize ? 'whole' : 'short'
}

/** Commits alternate between the two meta pages. A damaged page would make the older commit pass for the newest. */
const areConsecutive = (even: bigint, odd: bigint): boolean =>
  even === odd ? even === 0n : even % 2n === 0n && (even - odd === 1n || odd - even === 1n)

function pageAt(file: number, position: number) {
  const page = Buffer.alloc(READ)
  if (readSync(file, page, 0, READ, position) < READ || page.readUInt32LE(offsets.magic) !== magic) return undefined
  return {
    pageSize: page.readUInt32LE(offsets.pageSize),
    lastPage: Number(page.readBigUInt64LE(offsets.lastPage)),
    transaction: page.readBigUInt64LE(offsets.transaction),
  }
}
