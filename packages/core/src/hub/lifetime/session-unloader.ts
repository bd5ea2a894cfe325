import type { MidsentenceError } from '../../errors.ts'
import type { Monitor } from '../../ports/monitor.ts'
import type { SessionLog } from '../../ports/session-log.ts'
import { readToken } from '../access/tokens.ts'
import type { HubBounds } from '../bounds.ts'
import { hubFull, sessionExpired, sessionReplaced } from '../hub-errors.ts'
import type { RoomMembers } from '../room-members.ts'
import type { RoomRegistry } from '../room-registry.ts'
import { loadSessions } from '../session/recovery.ts'
import type { SessionExpiry } from './session-expiry.ts'
import type { SessionIndex } from './session-index.ts'
import type { UnloadedRooms } from './unloaded-rooms.ts'

export interface SessionUnloaderDeps {
  /** Id of the room log. */
  readonly log: string
  readonly sessionLog: SessionLog | undefined
  readonly rooms: RoomRegistry
  readonly index: SessionIndex
  readonly unloaded: UnloadedRooms
  readonly expiry: SessionExpiry
  readonly monitor: Monitor
  readonly bounds: HubBounds
  /** Called when the session log fails. */
  failed(cause: unknown): void
}

/** Lets sessions go from memory with their rooms, and finds them again in the session log. */
export class SessionUnloader {
  readonly #deps: SessionUnloaderDeps

  constructor(deps: SessionUnloaderDeps) {
    this.#deps = deps
  }

  /** Finds every session. Opens the rooms in which one has a place: the others open at their first use. */
  async recover(): Promise<void> {
    const { sessionLog, log, rooms, bounds, unloaded, expiry } = this.#deps
    if (!sessionLog) return
    for await (const room of sessionLog.rooms()) {
      const loaded = await loadSessions(sessionLog, room, log)
      const sessions = loaded.sessions.map(({ session }) => session)
      if (sessions.length === 0) continue
      if (rooms.size < bounds.rooms && sessions.some(({ lapsed }) => !lapsed)) await rooms.open(room, loaded)
      else {
        let until = 0
        for (const session of sessions) until = Math.max(until, expiry.endOfLapsed(session))
        const ids = sessions.map(({ session_id }) => session_id)
        unloaded.add(room, ids, until)
      }
    }
  }

  /** Opens the room of a token whose room left memory. Undefined if there is nothing to wait for. */
  loadRoomOf(token: string): Promise<void> | undefined {
    const { index, unloaded, rooms } = this.#deps
    if (unloaded.size === 0 || index.names(token)) return undefined
    const room = unloaded.roomOf(readToken(token).session_id)
    return room === undefined ? undefined : rooms.open(room).then(() => undefined)
  }

  /** Lets the sessions of a room go from memory. */
  unload(members: RoomMembers): void {
    const { expiry, index, unloaded } = this.#deps
    const ids: string[] = []
    let until = 0
    for (const session of members.all()) {
      ids.push(session.joinResult.session_id)
      until = Math.max(until, expiry.endOf(session))
      expiry.forget(session)
      index.end(session)
      index.forget(session)
      session.unload()
    }
    if (ids.length > 0) unloaded.add(members.room.name, ids, until)
  }

  /** Tells the session log that nothing of a room is in memory any more. */
  released(room: string): Promise<void> | undefined {
    return this.#deps.sessionLog?.release?.(room)
  }

  /** Writes that sessions of a room that is not in memory are over. A room that opens finds out by itself. */
  endUnloaded(room: string, ids: readonly string[], { message }: MidsentenceError = sessionExpired()): void {
    const { sessionLog, rooms, monitor, failed } = this.#deps
    if (!sessionLog || rooms.isInUse(room)) return
    for (const session_id of ids) monitor.left(session_id, room, message)
    const records = ids.map(session_id => ({ session_id, fact: { type: 'closed' } as const }))
    void rooms.writeUnloaded(room, async () => {
      await sessionLog.append(room, records, await sessionLog.head(room)).catch(failed)
    })
  }

  /** Ends the session that lapsed first, if there are too many. Throws `unavailable` if none has lapsed. */
  makeSpace(): void {
    const { index, unloaded, rooms, bounds } = this.#deps
    if (index.size + unloaded.sessions < bounds.sessions) return
    const ended = unloaded.removeFirst(room => !rooms.isInUse(room))
    if (ended) return this.endUnloaded(ended.room, [ended.session_id], sessionReplaced())
    const lapsed = index.firstLapsed
    if (!lapsed) throw hubFull(bounds.sessions, 'sessions')
    lapsed.end(sessionReplaced()).catch(() => undefined)
  }
}
