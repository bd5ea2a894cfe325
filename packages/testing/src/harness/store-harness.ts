import { closeSync, existsSync, mkdirSync, mkdtempSync, openSync, readSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Closable, StoreHarness } from '@midsentence/conformance'
import { type LmdbStore, lmdbStore } from '@midsentence/store-lmdb'

/** A folder in memory, where a flush is fast. No test here depends on the disk. */
const fast = existsSync('/dev/shm') ? '/dev/shm' : tmpdir()

/** Makes a directory. It is removed when its test ends. */
export function freshFolder(onTestFinished?: (end: () => void) => void): string {
  const folder = mkdtempSync(join(fast, 'midsentence-'))
  onTestFinished?.(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

/** Copies the file of a store, as a crash would leave it. */
export function copyStore(from: string, to: string): void {
  for (const part of ['.', 'score']) {
    const file = join(from, part, 'data.mdb')
    if (!existsSync(file)) continue
    mkdirSync(join(to, part), { recursive: true })
    writeFileSync(join(to, part, 'data.mdb'), readToEnd(file))
  }
}

/**
 * Reads a file that a commit in another thread may extend meanwhile. `copyFileSync` stops at the size that it found first,
 * which may lack pages that the first pages name when they are read.
 */
function readToEnd(path: string): Buffer {
  const file = openSync(path, 'r')
  try {
    const chunks: Buffer[] = []
    for (;;) {
      const chunk = Buffer.alloc(65_536)
      const length = readSync(file, chunk)
      if (length === 0) return Buffer.concat(chunks)
      chunks.push(chunk.subarray(0, length))
    }
  } finally {
    closeSync(file)
  }
}

/**
 * Makes a harness of one part of a store in a directory. A crash continues in another directory, with a copy of the
 * files. No write can start during the copy, so at most one is in flight.
 */
export function storeHarness<Store extends Closable>(part: (store: LmdbStore) => Store): StoreHarness<Store> {
  const folder = freshFolder()
  const stores: LmdbStore[] = []
  let crashes = 0
  const directory = () => join(folder, String(crashes))
  const open = async () => {
    const store = await lmdbStore(directory())
    stores.push(store)
    return part(store)
  }
  return {
    open,
    reopen: async () => {
      await stores.at(-1)?.close()
      return open()
    },
    crash: () => {
      const before = directory()
      crashes++
      mkdirSync(directory())
      copyStore(before, directory())
    },
    close: async () => {
      await Promise.all(stores.map(store => store.close()))
      rmSync(folder, { recursive: true, force: true })
    },
  }
}
