import { MidsentenceError } from '@midsentence/core'

/**
 * Imports LMDB on first use, so that programs which never open a store run without its binary. Rejects with
 * `unavailable` if there is none for this platform.
 */
export async function loadLmdb(): Promise<typeof import('lmdb')> {
  try {
    return await import('lmdb')
  } catch (cause) {
    const { platform, arch, version } = process
    throw new MidsentenceError(
      'unavailable',
      `Data on disk needs the package lmdb, which cannot be loaded on ${platform} ${arch} with Node.js ${version}: install it (npm install lmdb), or keep rooms in memory (midsentence serve --memory).`,
      { cause },
    )
  }
}
