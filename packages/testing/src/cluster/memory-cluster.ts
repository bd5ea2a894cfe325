import type {
  ClusterLogs,
  DirectoryEntry,
  OwnedLogs,
  ServerBus,
  ServerDirectory,
  ServerEntry,
} from '@midsentence/cluster-nats'
import {
  MidsentenceError,
  memoryLog,
  memorySessions,
  type Position,
  type RoomLog,
  type ScoreLog,
  type SessionLog,
} from '@midsentence/core'
import { memoryScores } from '@midsentence/core/hub'

/** The owner of a room as its two logs have it. Each has its own, since they are written one after the other. */
interface Fence {
  owner: string | undefined
  room: number
  sessions: number
  /** How many owner records there are. */
  records: number
}

/** The logs that a cluster writes. */
export interface MemoryClusterLogs {
  readonly log: RoomLog
  readonly sessions: SessionLog
  readonly scores?: ScoreLog
}

/** What servers of one cluster share, in this process: logs with owners, a directory and a bus. Nothing is lost or late. */
export class MemoryCluster {
  readonly log: RoomLog
  readonly sessions: SessionLog
  readonly #scores: ScoreLog
  readonly #fences = new Map<string, Fence>()
  readonly #entries = new Map<string, DirectoryEntry>()
  readonly #listeners = new Map<string, (bytes: Uint8Array) => void>()
  #revisions = 0
  #claims = 0

  /** @param logs What outlives the servers. Default: new logs in memory. */
  constructor(logs: MemoryClusterLogs = { log: memoryLog(), sessions: memorySessions() }) {
    this.log = logs.log
    this.sessions = logs.sessions
    this.#scores = logs.scores ?? memoryScores()
  }

  /** The parts of one server. `directory` and `bus` are its own: it may be cut off alone. */
  server(): { readonly logs: ClusterLogs; readonly directory: ServerDirectory; readonly bus: ServerBus } {
    return { logs: this.#logs(), directory: this.#directory(), bus: this.#bus() }
  }

  #fenceOf(room: string): Fence {
    let fence = this.#fences.get(room)
    if (!fence) {
      fence = { owner: undefined, room: 0, sessions: 0, records: 0 }
      this.#fences.set(room, fence)
    }
    return fence
  }

  #logs(): ClusterLogs {
    const { log, sessions } = this
    const claims = new Map<string, number>()
    return {
      id: log.id,
      durability: 'replicated',
      scores: this.#scores,
      ownerOf: async room => this.#fences.get(room)?.owner,
      hasSessions: async room => (await sessions.head(room)) !== '0',
      claim: async (room, id, mayTake = async () => true) => {
        const fence = this.#fenceOf(room)
        for (let asked: number | undefined; asked !== fence.records; ) {
          asked = fence.records
          if (!(await mayTake(fence.owner))) throw refused(room)
        }
        const claim = ++this.#claims
        claims.set(room, claim)
        fence.owner = id
        fence.room = claim
        fence.records++
        await undefined
        if (fence.room !== claim) throw refused(room)
        fence.sessions = claim
        return ownedLogs(room, log, sessions, fence, claim)
      },
      confirm: async (room, id) => {
        const fence = this.#fenceOf(room)
        if (fence.owner !== id || fence.room !== claims.get(room)) throw refused(room)
        fence.records++
      },
      release: async (room, id) => {
        const fence = this.#fenceOf(room)
        if (fence.owner !== id || fence.room !== claims.get(room)) return
        fence.owner = undefined
        fence.records++
      },
      rooms: () => sessions.rooms(),
      close: async () => {},
    }
  }

  #directory(): ServerDirectory {
    const mine = new Map<string, number>()
    return {
      renew: async (entry: ServerEntry) => {
        const last = mine.get(entry.id)
        if (last !== undefined && this.#entries.get(entry.id)?.revision !== last) {
          mine.delete(entry.id)
          throw new MidsentenceError('unavailable', 'The entry was evicted.')
        }
        const revision = ++this.#revisions
        this.#entries.set(entry.id, { entry, revision })
        mine.set(entry.id, revision)
      },
      remove: async id => void this.#entries.delete(id),
      evict: async (id, revision) => this.#entries.get(id)?.revision === revision && this.#entries.delete(id),
      read: async id => this.#entries.get(id),
      list: async () => [...this.#entries.values()],
    }
  }

  #bus(): ServerBus {
    return {
      listen: async (id, receive) => {
        this.#listeners.set(id, receive)
        return async () => void this.#listeners.delete(id)
      },
      send: (to, bytes) => queueMicrotask(() => this.#listeners.get(to)?.(bytes)),
    }
  }
}

const refused = (room: string) => new MidsentenceError('unavailable', `Another server owns ${room}.`)

/** The logs of a room for the owner of one claim. */
function ownedLogs(name: string, log: RoomLog, sessions: SessionLog, fence: Fence, claim: number): OwnedLogs {
  return {
    log: {
      ...log,
      durability: 'replicated',
      append: (room, records, expected: Position) =>
        fence.room === claim ? log.append(room, records, expected) : Promise.reject(refused(room)),
      close: async () => {},
    },
    sessions: {
      ...sessions,
      durability: 'replicated',
      async *rooms() {
        for await (const room of sessions.rooms()) if (room === name) yield room
      },
      append: (room, records, expected: Position) =>
        fence.sessions === claim ? sessions.append(room, records, expected) : Promise.reject(refused(room)),
      close: async () => {},
    },
  }
}
