import type { StorageLike } from '@midsentence/client'

/** Creates a storage that lasts as long as the page, for browsers that allow no other. */
function pageStorage(): StorageLike {
  const entries = new Map<string, string>()
  return {
    getItem: key => entries.get(key) ?? null,
    setItem: (key, value) => void entries.set(key, value),
    removeItem: key => void entries.delete(key),
  }
}

/** Returns the storage of the browser, or one of this page if the browser forbids it. */
function openStorage(name: 'localStorage' | 'sessionStorage'): StorageLike {
  try {
    const storage = window[name]
    storage.setItem('midsentence', '1')
    return storage
  } catch {
    return pageStorage()
  }
}

/** Shared by all tabs; survives them. */
export const storage: StorageLike = openStorage('localStorage')
/** Of this tab; survives a reload. */
export const tabStorage: StorageLike = openStorage('sessionStorage')

/** Servers on one origin are told apart by their path. */
const scope = `midsentence ${new URL('.', location.href).pathname}`

/** Returns the storage key of an entry of this server. */
export const keyOf = (...parts: readonly string[]): string => JSON.stringify([scope, ...parts])

/** Reads a JSON value. Returns undefined for none, and for what is not JSON. */
export function readJson(from: StorageLike, key: string): unknown {
  try {
    return JSON.parse(from.getItem(key) ?? 'null') ?? undefined
  } catch {
    return undefined
  }
}

/** Writes a JSON value, or removes the entry for undefined. A full storage loses it: nothing here is needed to go on. */
export function writeJson(to: StorageLike, key: string, value: unknown): void {
  try {
    if (value === undefined) to.removeItem(key)
    else to.setItem(key, JSON.stringify(value))
  } catch {
    // Lost, as said above.
  }
}

/** Removes the entry `key` and those that belong to it, whose keys begin with it. */
export function removeEntries(key: string): void {
  try {
    for (const found of Object.keys(localStorage)) if (found.startsWith(key)) localStorage.removeItem(found)
  } catch {
    // A storage that the browser forbids has none.
  }
}
