import { copyFileSync, existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Closable, StoreHarness } from '@midsentence/conformance'
import { type LmdbStore, lmdbStore } from '@midsentence/store-lmdb'

/** Where nothing outlives the machine, a flush takes no time: what is tried here does not depend on it. */
const fast = existsSync('/dev/shm') ? '/dev/shm' : tmpdir()

/** A directory that ends with its test. */
export function freshFolder(onTestFinished?: (end: () => void) => void): string {
  const folder = mkdtempSync(join(fast, 'midsentence-'))
  onTestFinished?.(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

/** Copies the files of a store as they are: what lies ahead first, since that must not lack what is not in the other yet. */
export function copyStore(from: string, to: string): void {
  for (const name of ['ahead.log', 'data.mdb']) {
    if (existsSync(join(from, name))) copyFileSync(join(from, name), join(to, name))
  }
}

/**
 * One part of a store in a directory, for the kit. A crash is to go on in another directory, with what the file held in
 * that moment: while it is copied no other write can begin, so that at most one is under way.
 */
export function storeHarness<Store extends Closable>(part: (store: LmdbStore) => Store): StoreHarness<Store> {
  const folder = freshFolder()
  const stores: LmdbStore[] = []
  let life = 0
  const directory = () => join(folder, String(life))
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
      life++
      mkdirSync(directory())
      copyStore(before, directory())
    },
    close: async () => {
      await Promise.all(stores.map(store => store.close()))
      rmSync(folder, { recursive: true, force: true })
    },
  }
}
