import type { RoomLog, ScoreLog, SessionLog } from '@midsentence/core'

/** A server of the cluster, as its entry in the directory tells. */
export interface ServerEntry {
  /** Random, made at each start of the process. Owner records name it. */
  readonly id: string
  /** Given by its operator, for people. Several processes may have the same. */
  readonly name: string
  /** How many rooms it owns. */
  readonly rooms: number
  /** It hands its rooms over and takes no new ones. */
  readonly draining?: true
}

/** An entry with the number of its write, which grows with each renewal. */
export interface DirectoryEntry {
  readonly entry: ServerEntry
  readonly revision: number
}

/**
 * The entries of all servers, by id. Each write of a server is made under the expectation that its last one is still there,
 * so that a server whose entry was evicted learns it. An entry whose server ended stays until another server evicts it.
 */
export interface ServerDirectory {
  /**
   * Writes the entry of `entry.id`: the first time if there is none, then directly after this process's last write. Resolves
   * once a quorum has it. Rejects with `unavailable` if the entry was evicted, after which the next call begins again as the
   * first did; and with `unavailable` and `data.unknown` if the outcome is not known.
   */
  renew(entry: ServerEntry): Promise<void>
  /** Removes the entry of this process. */
  remove(id: string): Promise<void>
  /** Removes the entry of another process if its newest write is still `revision`. Resolves with whether it did. */
  evict(id: string, revision: number): Promise<boolean>
  /** Reads an entry as the newest acknowledged write left it, never an older one. */
  read(id: string): Promise<DirectoryEntry | undefined>
  /** Reads all entries; some may be older than their newest write. */
  list(): Promise<readonly DirectoryEntry[]>
}

/**
 * Sends bytes between servers: at most once, and in order for one sender and one receiver. Nobody tells whether they arrived.
 * Any length: the bus splits what its network cannot carry.
 */
export interface ServerBus {
  /** Receives everything for the server `id`, until the returned function is called. */
  listen(id: string, receive: (bytes: Uint8Array) => void): Promise<() => Promise<void>>
  /** Throws `unavailable` if the bus is closed. */
  send(to: string, bytes: Uint8Array): void
}

/** The logs of one room that this server owns. */
export interface OwnedLogs {
  readonly log: RoomLog
  readonly sessions: SessionLog
}

/** The logs of all rooms, of which each has at most one owner at a time. */
export interface ClusterLogs {
  /** Id of the logs. Sessions of others are unknown. */
  readonly id: string
  readonly durability: RoomLog['durability']
  readonly scores: ScoreLog
  /** The server that wrote the newest record of `room`. Undefined if the room is new, or was released. */
  ownerOf(room: string): Promise<string | undefined>
  /**
   * Makes the server `id` the owner of `room`: appends an owner record to its log and then to its session log, each directly
   * after their newest record. From then on every append of an earlier owner is refused with `unavailable`. The returned logs
   * know this room only, and are written under the expectation that no other owner came. Rejects with `unavailable` if
   * another server became the owner meanwhile, and with `data.unknown` if that is not known.
   *
   * `mayTake` is asked about the owner that the newest record names, and again after each record that came meanwhile: the owner
   * record directly follows the record that it was asked about, since an owner that was dead may have appended one and so
   * returned. Default: any owner may be replaced.
   */
  claim(room: string, id: string, mayTake?: (owner: string | undefined) => Promise<boolean>): Promise<OwnedLogs>
  /** Appends an owner record again, to learn that no other owner came. Rejects as `claim` does. */
  confirm(room: string, id: string): Promise<void>
  /** Appends a record that says that `room` has no owner, if `id` is its owner. The logs of its `claim` are closed. */
  release(room: string, id: string): Promise<void>
  /** Whether the session log of `room` has records. */
  hasSessions(room: string): Promise<boolean>
  /** The names of rooms with open sessions. */
  rooms(): AsyncIterable<string>
  /** Idempotent. Later calls fail with `unavailable`. */
  close(): Promise<void>
}
