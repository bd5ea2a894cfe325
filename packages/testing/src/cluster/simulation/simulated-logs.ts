import type { ClusterLogs, OwnedLogs } from '@midsentence/cluster-nats'
import {
  isMidsentenceError,
  MidsentenceError,
  memoryLog,
  memorySessions,
  type Position,
  type RoomRecord,
  type SessionRecord,
} from '@midsentence/core'
import { memoryScores } from '@midsentence/core/hub'
import type { ServiceLink } from './service-link.ts'
import { SimulatedSubject } from './simulated-subject.ts'

/** How long a request may take, and how often a message is sent under its id. */
const REQUEST_MS = 1500
const ATTEMPTS = 3

type MayTake = (owner: string | undefined) => Promise<boolean>

/** A room on the servers of the logs. */
class SimulatedRoom {
  readonly log = new SimulatedSubject()
  readonly sessions = new SimulatedSubject()
  /** The server that the newest owner record names. */
  owner: string | undefined
}

/** What is stored of all rooms, for all servers of a cluster. */
export class SharedLogs {
  readonly log
  readonly sessions = memorySessions()
  readonly scores = memoryScores()
  readonly #rooms = new Map<string, SimulatedRoom>()
  #messages = 0
  /** Called when the owner of a room changes. */
  readonly #changed: (what: string) => void

  constructor(id: string, changed: (what: string) => void) {
    this.log = memoryLog({ id })
    this.#changed = changed
  }

  room(name: string): SimulatedRoom {
    let room = this.#rooms.get(name)
    if (!room) {
      room = new SimulatedRoom()
      this.#rooms.set(name, room)
    }
    return room
  }

  newMessageId(): string {
    return String(++this.#messages)
  }

  setOwner(name: string, owner: string | undefined): void {
    const room = this.room(name)
    room.owner = owner
    this.#changed(`${owner === undefined ? 'has no owner' : `has the owner ${owner}`}, by record ${room.log.last}`)
  }
}

/** What a server knows of a room that it owns. */
interface OwnedSubjects {
  log: number
  sessions: number
  /** Ends once the message before has been answered. */
  writing: Promise<unknown>
}

/** The logs as one server reaches them. A message that is not answered is sent again under its id. */
export class SimulatedLogs implements ClusterLogs {
  readonly durability = 'replicated'
  readonly id: string
  readonly scores
  readonly #shared: SharedLogs
  readonly #link: ServiceLink
  readonly #owned = new Map<string, OwnedSubjects>()

  constructor(shared: SharedLogs, link: ServiceLink) {
    this.#shared = shared
    this.#link = link
    this.id = shared.log.id
    this.scores = shared.scores
  }

  ownerOf(room: string): Promise<string | undefined> {
    return this.#read(() => this.#shared.room(room).owner)
  }

  async claim(room: string, id: string, mayTake: MayTake = async () => true): Promise<OwnedLogs> {
    let sessions = await this.#read(() => this.#shared.room(room).sessions.last)
    const log = await this.#claimRoom(room, id, mayTake)
    const owned: OwnedSubjects = { log, sessions, writing: Promise.resolve() }
    for (;;) {
      const seq = await this.#publish(room, 'sessions', sessions, () => undefined)
      if (seq === undefined) {
        // A session log is written only by the owner that its room had after the log was read.
        sessions = await this.#read(() => this.#shared.room(room).sessions.last)
        await this.#writeOwner(owned, room, id)
      } else {
        owned.sessions = seq
        this.#owned.set(room, owned)
        return this.#logsOf(room, owned)
      }
    }
  }

  async confirm(room: string, id: string): Promise<void> {
    const owned = this.#owned.get(room)
    if (!owned) throw refused(room)
    await this.#writeOwner(owned, room, id)
  }

  async release(room: string): Promise<void> {
    const owned = this.#owned.get(room)
    if (!owned) return
    this.#owned.delete(room)
    await this.#writeOwner(owned, room, undefined)
  }

  hasSessions(room: string): Promise<boolean> {
    return this.#read(async () => (await this.#shared.sessions.head(room)) !== '0')
  }

  async *rooms(): AsyncIterable<string> {
    yield* await this.#read(() => listOf(this.#shared.sessions.rooms()))
  }

  async close(): Promise<void> {}

  /** Appends an owner record directly after the record that `mayTake` was asked about. Returns its number. */
  async #claimRoom(room: string, id: string, mayTake: MayTake): Promise<number> {
    const shared = this.#shared
    for (;;) {
      const { last, owner } = await this.#read(() => ({
        last: shared.room(room).log.last,
        owner: shared.room(room).owner,
      }))
      if (!(await mayTake(owner))) throw refused(room)
      const seq = await this.#publish(room, 'log', last, () => shared.setOwner(room, id))
      if (seq !== undefined) return seq
    }
  }

  #writeOwner(owned: OwnedSubjects, room: string, id: string | undefined): Promise<void> {
    return this.#write(owned, 'log', room, () => this.#shared.setOwner(room, id))
  }

  /** Sends a message until it is answered. Undefined if it was refused. */
  async #publish(
    room: string,
    subject: 'log' | 'sessions',
    expected: number,
    write: () => Promise<void> | void,
  ): Promise<number | undefined> {
    const id = this.#shared.newMessageId()
    for (let attempt = 1; ; attempt++) {
      try {
        const message = { id, expected, write }
        const outcome = await this.#link.request(() => this.#shared.room(room)[subject].publish(message), REQUEST_MS)
        return 'seq' in outcome ? outcome.seq : undefined
      } catch (error) {
        if (attempt === ATTEMPTS || !isUnknown(error)) throw error
      }
    }
  }

  /** Writes after the messages of this owner before it, each once the one before was answered. */
  #write(
    owned: OwnedSubjects,
    subject: 'log' | 'sessions',
    room: string,
    write: () => Promise<void> | void,
  ): Promise<void> {
    const written = owned.writing.then(async () => {
      const seq = await this.#publish(room, subject, owned[subject], write)
      if (seq === undefined) throw refused(room)
      owned[subject] = seq
    })
    owned.writing = written.catch(() => undefined)
    return written
  }

  async #read<T>(read: () => T | Promise<T>): Promise<T> {
    for (let attempt = 1; ; attempt++) {
      try {
        return await this.#link.request(read, REQUEST_MS)
      } catch (error) {
        if (!isUnknown(error)) throw error
        if (attempt === ATTEMPTS) throw new MidsentenceError('unavailable', 'The logs cannot be read.')
      }
    }
  }

  #logsOf(room: string, owned: OwnedSubjects): OwnedLogs {
    const { log, sessions } = this.#shared
    const read = <T>(how: () => T | Promise<T>) => this.#read(how)
    return {
      log: {
        id: log.id,
        durability: 'replicated',
        head: name => read(() => log.head(name)),
        messages: (...page) => read(() => log.messages(...page)),
        records: async function* (...from) {
          yield* await read(() => listOf(log.records(...from)))
        },
        append: async (name, records, expected) => {
          const copy = copied<readonly RoomRecord[]>(records)
          await this.#write(owned, 'log', room, async () => void (await log.append(name, copy, expected)))
          return after(expected, records)
        },
        snapshots: {
          load: name => read(() => log.snapshots!.load(name)),
          save: (name, snapshot) => {
            const copy = copied(snapshot)
            return read(() => log.snapshots!.save(name, copy))
          },
        },
        close: async () => {},
      },
      sessions: {
        durability: 'replicated',
        rooms: async function* () {
          yield* (await read(() => listOf(sessions.rooms()))).filter(name => name === room)
        },
        head: name => read(() => sessions.head(name)),
        read: async function* (name) {
          yield* await read(() => listOf(sessions.read(name)))
        },
        append: async (name, records, expected) => {
          const copy = copied<readonly SessionRecord[]>(records)
          await this.#write(owned, 'sessions', room, async () => void (await sessions.append(name, copy, expected)))
          return after(expected, records)
        },
        close: async () => {},
      },
    }
  }
}

const refused = (room: string) => new MidsentenceError('unavailable', `Another server owns ${room}.`)

const isUnknown = (error: unknown): boolean => isMidsentenceError(error) && error.data.unknown === true

const after = (position: Position, records: readonly unknown[]): Position => String(Number(position) + records.length)

/** Copies a value as a network does: later changes by the caller have no effect. */
const copied = <T>(value: T): T => JSON.parse(JSON.stringify(value)) as T

async function listOf<T>(values: AsyncIterable<T>): Promise<readonly T[]> {
  const list: T[] = []
  for await (const value of values) list.push(value)
  return list
}
