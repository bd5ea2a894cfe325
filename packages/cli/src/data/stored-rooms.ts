import { homedir } from 'node:os'
import { resolve } from 'node:path'
import type { MidsentenceError } from '@midsentence/core'
import type { HubOptions } from '@midsentence/server'
import type { LmdbStoreOptions } from '@midsentence/store-lmdb'

/** Rooms in an open data directory. */
export interface StoredRooms {
  readonly rooms: Pick<HubOptions, 'log' | 'sessions' | 'scores' | 'onFailure'>
  /** Line that says where data is kept, for the start of a server. */
  readonly greeting: string
  /** Resolves with the error when the store cannot write any more. */
  readonly failure: Promise<MidsentenceError>
  close(): Promise<void>
}

/** Opens the data directory `directory`, or creates it. Rejects when another process uses it. */
export async function openStoredRooms(directory: string, options: LmdbStoreOptions): Promise<StoredRooms> {
  const { lmdbStore } = await import('@midsentence/store-lmdb')
  const store = await lmdbStore(resolve(directory), { ...options, checkPages: true })
  const restoreErrors = filterLmdbErrors()
  let fail: (error: MidsentenceError) => void = () => {}
  const failure = new Promise<MidsentenceError>(resolve => {
    fail = resolve
  })
  return {
    rooms: { log: store.log, sessions: store.sessions, scores: store.scores, onFailure: error => fail(error) },
    greeting: `Rooms and drafts are kept in ${shortenHome(store.directory)} and survive any end of the server.`,
    failure,
    close: () => store.close().finally(restoreErrors),
  }
}

const shortenHome = (path: string): string =>
  path.startsWith(`${homedir()}/`) ? `~${path.slice(homedir().length)}` : path

/** Hides errors that LMDB prints with a stack: the same error is reported as a sentence. Returns an undo function. */
function filterLmdbErrors(): () => void {
  const { error } = console
  console.error = (...args) => {
    if (!(args[0] instanceof Error && args[0].stack?.includes('lmdb'))) error(...args)
  }
  return () => {
    console.error = error
  }
}
