import { homedir } from 'node:os'
import { resolve } from 'node:path'
import type { MidsentenceError } from '@midsentence/core'
import type { HubOptions } from '@midsentence/server'
import { type LmdbStoreOptions, lmdbStore } from '@midsentence/store-lmdb'

/** Where a server keeps what it acknowledged, unless it is told otherwise. */
export const defaultDirectory = '.midsentence'

/** Rooms that are kept, and the end of them. */
export interface KeptRooms {
  readonly rooms: Pick<HubOptions, 'log' | 'sessions' | 'onFailure'>
  /** What is told at the start. */
  readonly greeting: string
  /** Resolves, with why, once they cannot be written any more. */
  readonly failure: Promise<MidsentenceError>
  close(): Promise<void>
}

/** Opens the rooms of `directory`. */
export async function roomsIn(directory: string, options: LmdbStoreOptions): Promise<KeptRooms> {
  const store = await lmdbStore(resolve(directory), options)
  const speak = silenceLmdb()
  let failed: (error: MidsentenceError) => void = () => {}
  const failure = new Promise<MidsentenceError>(resolve => {
    failed = resolve
  })
  return {
    rooms: { log: store.log, sessions: store.sessions, onFailure: error => failed(error) },
    greeting: `Rooms and drafts are kept in ${shown(store.directory)}, and are there again after any end of the server.`,
    failure,
    close: () => store.close().finally(speak),
  }
}

const shown = (path: string): string => (path.startsWith(`${homedir()}/`) ? `~${path.slice(homedir().length)}` : path)

/** LMDB prints an error with its stack before it fails with it. It is told in a sentence instead, by whoever it fails. */
function silenceLmdb(): () => void {
  const { error } = console
  console.error = (...said) => {
    if (!(said[0] instanceof Error && said[0].stack?.includes('lmdb'))) error(...said)
  }
  return () => {
    console.error = error
  }
}
