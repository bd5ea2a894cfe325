import { MidsentenceError } from '@midsentence/core'
import { systemMessage } from './errors.ts'

/**
 * Imports LMDB on first use, so that programs which never open a store run without its binary. Rejects with
 * `unavailable` if there is none for this platform.
 */
export async function loadLmdb(): Promise<typeof import('lmdb')> {
  try {
    return await import('lmdb')
  } catch (cause) {
    const reason = systemMessage(cause).split('\n')[0]
    throw new MidsentenceError(
      'unavailable',
      `LMDB cannot be loaded on ${process.platform}-${process.arch} (${reason}): reinstall midsentence on this machine with optional dependencies, or keep rooms in memory.`,
      { cause },
    )
  }
}
