import { randomUUID } from 'node:crypto'
import { mkdirSync, realpathSync, statSync } from 'node:fs'
import { resolve } from 'node:path'
import { isMidsentenceError, type Journal, MidsentenceError, type RoomLog, type SessionLog } from '@midsentence/core'
import { damaged } from './damage.ts'
import { dataFileIn } from './data-file.ts'
import { Environment, put } from './environment.ts'
import { journal } from './journal.ts'
import { aboutKey, allOf, countsKey } from './keys.ts'
import { lock } from './lock.ts'
import { mappable } from './mappable.ts'
import type { Counts, Parts } from './parts.ts'
import type { Retention } from './retention.ts'
import { roomHeads } from './room-head.ts'
import { type BeginRoom, roomLog } from './room-log.ts'
import { type About, aboutOf, SCHEMA } from './schema.ts'
import { sessionHeadOf, sessionLog } from './session-log.ts'
import { WriteAhead } from './write-ahead.ts'
import { Writer } from './writer.ts'

export interface LmdbStoreOptions {
  /** What each room keeps at least. Default: everything. */
  readonly retention?: Retention
  /** The data file grows no larger than about so many bytes: what would not fit is refused. Default: what the disk takes. */
  readonly maxBytes?: number
  /** The wall clock, in milliseconds since 1970. Default: the machine's. */
  now?(): number
}

/** What a directory keeps: rooms and sessions for one hub, and journals for participants. All of it durable. */
export interface LmdbStore {
  readonly directory: string
  readonly log: RoomLog
  readonly sessions: SessionLog
  /** The journal called `name`: one participant has it at a time. */
  journal(name: string): Journal
  /** Writes out what was called, and lets go of the directory. Idempotent, never fails. */
  close(): Promise<void>
}

/**
 * Opens the store in `directory`, made where there is none, for this process alone. Rejects with `unavailable` where
 * another process has it, with `internal` where it is damaged, from a newer version, or none of ours.
 */
export async function lmdbStore(directory: string, options: LmdbStoreOptions = {}): Promise<LmdbStore> {
  const { begin: _, ...store } = await openStore(directory, options)
  return store
}

/** The same, to be filled by an import: with the id of the log that it is a copy of. */
export async function openStore(
  directory: string,
  { retention = {}, maxBytes = Number.POSITIVE_INFINITY, now = Date.now }: LmdbStoreOptions,
  id: string = randomUUID(),
): Promise<LmdbStore & { readonly begin: BeginRoom }> {
  if (typeof directory !== 'string' || directory === '') throw new TypeError('lmdbStore takes the path of a directory.')
  const path = made(directory)
  await mappable(path)
  const environment = opened(path)
  let unlock: (() => Promise<void>) | undefined
  try {
    unlock = await lock(path, act => environment.exclusively(act))
    const about = await begun(environment, path, id)
    const writeAhead = await WriteAhead.open(environment, path, about.id)
    const writer = new Writer(async changes => {
      if (changes.length > 0) roomFor(changes.reduce((sum, { sealed }) => sum + (sealed?.length ?? 0), 0))
      await writeAhead.write(changes)
    })
    const roomFor = (bytes: number) => {
      if (!Number.isFinite(maxBytes)) return
      if (statSync(dataFileIn(path)).size + environment.ahead.bytes + bytes > maxBytes) throw full(path, maxBytes)
    }
    const parts: Parts = { environment, writer, counts: countsIn(environment) }
    const { log, begin } = roomLog({ ...parts, id: about.id, retention, now })
    const sessions = sessionLog(parts)
    const journals: Journal[] = []
    let closing: Promise<void> | undefined
    const close = async () => {
      await Promise.all([log, sessions, ...journals].map(part => part.close()))
      await writeAhead.close()
      await environment.close()
      await unlock?.()
    }
    return {
      directory: path,
      log,
      sessions,
      journal: name => {
        const made = journal(parts, name)
        journals.push(made)
        return made
      },
      begin,
      close: () => (closing ??= close()),
    }
  } catch (error) {
    await environment.close()
    await unlock?.()
    throw error
  }
}

function made(directory: string): string {
  try {
    mkdirSync(directory, { recursive: true, mode: 0o700 })
    return realpathSync(directory)
  } catch (cause) {
    const why = (cause as NodeJS.ErrnoException).code ?? String(cause)
    throw new MidsentenceError(
      'unavailable',
      `${resolve(directory)} cannot be used as a directory (${why}): choose another.`,
      {
        cause,
      },
    )
  }
}

/** LMDB's environment, whose own errors become sentences. */
function opened(path: string): Environment {
  try {
    return new Environment(path, false)
  } catch (cause) {
    if (isMidsentenceError(cause)) throw cause
    throw new MidsentenceError(
      'internal',
      `${path} cannot be opened (${(cause as Error).message}): is it a store, and may you write to it?`,
      {
        cause,
      },
    )
  }
}

/** What the store says of itself; a new one is told. */
async function begun(environment: Environment, path: string, id: string): Promise<About> {
  const known = aboutOf(environment, path)
  if (known) return known
  const about: About = { midsentence: 'store', schema: SCHEMA, id }
  await environment.write([put(aboutKey, about), put(countsKey, { rooms: 0, journals: 0 })])
  return about
}

/** Holds every head against how many there must be. */
function countsIn(environment: Environment): Counts {
  const counts = environment.get(countsKey) as Counts | undefined
  if (!counts) throw damaged('how many rooms it has is missing')
  const rooms = roomHeads({ environment }).size
  if (rooms !== counts.rooms) throw damaged(`of ${counts.rooms} rooms ${rooms} are there`)
  const { from, to } = allOf('journalHead')
  const journals = environment.range(from, to).length
  if (journals !== counts.journals) throw damaged(`of ${counts.journals} journals ${journals} are there`)
  sessionHeadOf({ environment })
  return { ...counts }
}

const full = (path: string, maxBytes: number): MidsentenceError =>
  new MidsentenceError(
    'unavailable',
    `The store in ${path} is full: it may have ${maxBytes} bytes, and writes nothing more. Allow it more, and open it again.`,
  )
