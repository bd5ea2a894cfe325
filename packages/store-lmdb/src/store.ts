import { randomUUID } from 'node:crypto'
import { mkdirSync, realpathSync } from 'node:fs'
import { resolve } from 'node:path'
import {
  isMidsentenceError,
  type Journal,
  MidsentenceError,
  type Retention,
  type RoomLog,
  type ScoreLog,
  type SessionLog,
} from '@midsentence/core'
import { SCORE_BYTES } from '@midsentence/core/hub'
import { checkDataFile, checkPagesOf } from './directory/check-data-file.ts'
import { isClean, markClean, removeMark } from './directory/clean-close.ts'
import { refuseNetworkFileSystem } from './directory/file-system.ts'
import { lockDirectory } from './directory/lock.ts'
import { makePrivate } from './directory/permissions.ts'
import { Preallocation } from './directory/preallocation.ts'
import { journal } from './journal.ts'
import type { RoomHead } from './rooms/room-head.ts'
import { roomLog, type StartRoomAt } from './rooms/room-log.ts'
import { scoreLog } from './score/score-log.ts'
import { removeUnusedSessionHeads, sessionLog } from './session-log.ts'
import { put, type StoreChange } from './storage/change.ts'
import { Environment } from './storage/environment.ts'
import { damaged } from './storage/errors.ts'
import { readHeads } from './storage/heads.ts'
import { readIdentity, SCHEMA, type StoreIdentity } from './storage/identity.ts'
import { countsKey, identityKey } from './storage/keys.ts'
import type { StoreContext, StoreCounts } from './storage/store-context.ts'
import { Writer } from './storage/writer.ts'

export interface LmdbStoreOptions {
  /** What the rooms keep. Default: everything. */
  readonly retention?: Retention
  /** Maximum size of the data file, in bytes, within about 100 kB. Larger writes are refused. Default: unlimited. */
  readonly maxBytes?: number
  /** Maximum bytes of all scores, about. The largest lose their oldest records first. Default 256 MB. */
  readonly scoreBytes?: number
  /**
   * Unless the data file is as the last `close` left it, reads all pages in a child process before this one does, and rejects
   * with `internal` if they are damaged: such pages can end the process that reads them. Takes about 0.25 s, and longer for
   * a large store. Default: false.
   */
  readonly checkPages?: boolean
  /** Returns the wall-clock time in milliseconds since 1970. Default: `Date.now`. */
  now?(): number
}

/** The durable logs and journals in one directory: rooms and sessions of one hub, journals of participants. */
export interface LmdbStore {
  readonly directory: string
  readonly log: RoomLog
  readonly sessions: SessionLog
  /** The scores of recorded rooms, in an LMDB environment of their own. Their failure stops nothing else. */
  readonly scores: ScoreLog
  /** Opens the journal `name`. One participant uses it at a time. */
  journal(name: string): Journal
  /** Finishes the writes in progress and releases the directory. Idempotent, never fails. */
  close(): Promise<void>
}

/**
 * Opens the store in `directory`, and creates it if there is none. Rejects with `unavailable` if another process has it
 * open or LMDB cannot be loaded, with `internal` if it is damaged, of another version, or not a store.
 */
export async function lmdbStore(directory: string, options: LmdbStoreOptions = {}): Promise<LmdbStore> {
  const { startRoomAt: _, ...store } = await openStore(directory, options)
  return store
}

/** Opens a store that an import can fill: `id` is the id of the exported log. */
export async function openStore(
  directory: string,
  {
    retention = {},
    maxBytes = Number.POSITIVE_INFINITY,
    scoreBytes = SCORE_BYTES,
    checkPages = false,
    now = Date.now,
  }: LmdbStoreOptions,
  id: string = randomUUID(),
): Promise<LmdbStore & { readonly startRoomAt: StartRoomAt }> {
  if (typeof directory !== 'string' || directory === '') throw new TypeError('lmdbStore takes the path of a directory.')
  const path = createDirectory(directory)
  refuseNetworkFileSystem(path)
  makePrivate(path)
  await checkDataFile(path)
  if (checkPages && !isClean(path)) await checkPagesOf(path)
  const environment = await openEnvironment(path)
  let unlock: (() => Promise<void>) | undefined
  let preallocation: Preallocation | undefined
  const release = async (isIntact = false) => {
    await environment.close()
    await preallocation?.close()
    if (isIntact) markClean(path)
    await unlock?.()
  }
  try {
    unlock = await lockDirectory(path, act => environment.exclusively(act))
    makePrivate(path)
    removeMark(path)
    const identity = await readOrCreateIdentity(environment, path, id)
    const space = await Preallocation.open(path, maxBytes)
    preallocation = space
    const writer = new Writer(async changes => {
      if (changes.length === 0) return
      if (Number.isFinite(maxBytes) && environment.usedBytes + lengthOf(changes) > maxBytes) throw full(path, maxBytes)
      await environment.write(changes)
      await space.extend()
    })
    const { counts, total } = checkedCounts(environment)
    const context: StoreContext = { environment, writer, counts }
    await removeUnusedSessionHeads(context)
    const { log, startRoomAt } = roomLog({ ...context, id: identity.id, retention, now, total })
    const sessions = sessionLog(context)
    const scores = scoreLog(path, identity.id, scoreBytes)
    const journals = new Set<Journal>()
    let closing: Promise<void> | undefined
    const close = async () => {
      await Promise.all([log, sessions, scores, ...journals].map(part => part.close()))
      await release(!writer.hasFailed)
    }
    return {
      directory: path,
      log,
      sessions,
      scores,
      journal: name => {
        const opened = journal(context, name, () => journals.delete(opened))
        journals.add(opened)
        return opened
      },
      startRoomAt,
      close: () => (closing ??= close()),
    }
  } catch (error) {
    await release()
    throw error
  }
}

const lengthOf = (changes: readonly StoreChange[]): number =>
  changes.reduce((sum, { text }) => sum + (text?.length ?? 0), 0)

function createDirectory(directory: string): string {
  try {
    mkdirSync(directory, { recursive: true, mode: 0o700 })
    return realpathSync(directory)
  } catch (cause) {
    const reason = (cause as NodeJS.ErrnoException).code ?? String(cause)
    throw new MidsentenceError(
      'unavailable',
      `${resolve(directory)} cannot be used as a directory (${reason}): choose another.`,
      { cause },
    )
  }
}

async function openEnvironment(path: string): Promise<Environment> {
  try {
    return await Environment.open(path, false)
  } catch (cause) {
    if (isMidsentenceError(cause)) throw cause
    throw new MidsentenceError(
      'internal',
      `${path} cannot be opened (${(cause as Error).message}): check that it is a store and that you may write to it.`,
      { cause },
    )
  }
}

async function readOrCreateIdentity(environment: Environment, path: string, id: string): Promise<StoreIdentity> {
  const known = readIdentity(environment, path)
  if (known) return known
  const identity: StoreIdentity = { midsentence: 'store', schema: SCHEMA, id }
  const counts: StoreCounts = { rooms: 0, sessions: 0, nextSessions: 0, journals: 0 }
  await environment.write([put(identityKey, identity), put(countsKey, counts)])
  return identity
}

/** Compares the heads that are there with the counts record, and adds the sizes of rooms. Throws `internal` if one is missing. */
function checkedCounts(environment: Environment): { readonly counts: StoreCounts; readonly total: number } {
  const counts = environment.get(countsKey) as StoreCounts | undefined
  if (!counts) throw damaged('the counts record is missing')
  const context = { environment }
  const rooms = readHeads<RoomHead>(context, 'roomHead')
  const found = {
    rooms: rooms.size,
    sessions: readHeads(context, 'sessionHead').size,
    journals: readHeads(context, 'journalHead').size,
  }
  for (const kind of ['rooms', 'sessions', 'journals'] as const) {
    if (found[kind] !== counts[kind]) throw damaged(`${found[kind]} of ${counts[kind]} heads of ${kind} are there`)
  }
  let total = 0
  for (const { bytes } of rooms.values()) total += bytes
  return { counts: { ...counts }, total }
}

const full = (path: string, maxBytes: number): MidsentenceError =>
  new MidsentenceError(
    'unavailable',
    `The store in ${path} has reached its limit of ${maxBytes} bytes and accepts no more writes. Raise the limit, and open it again.`,
  )
