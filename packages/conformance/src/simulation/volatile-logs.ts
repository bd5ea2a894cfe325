import {
  type Clock,
  MidsentenceError,
  memoryLog,
  memorySessions,
  type Position,
  type RoomLog,
  type SessionLog,
} from '@midsentence/core'

/** Something that is written and not yet flushed. */
interface Pending {
  /** Makes it durable, and says so where somebody is left to hear it. */
  flush(): Promise<void>
}

/**
 * What a server wrote, on a disk that keeps it only once it is flushed. One server writes at a time: what one that died
 * still does has no effect.
 */
export class VolatileLogs {
  readonly #clock: Clock
  readonly #flush_ms: number
  readonly #room: RoomLog
  readonly #sessions: SessionLog = memorySessions()
  #life = 0
  #roomPending: Pending[] = []
  #sessionsPending: Pending[] = []
  /** The heads of rooms, with what is not flushed yet. */
  #roomHeads = new Map<string, Position>()
  #sessionHeads = new Map<string, Position>()

  constructor(clock: Clock, flush_ms: number, id: string) {
    this.#clock = clock
    this.#flush_ms = flush_ms
    this.#room = memoryLog(id)
  }

  /** What is durable of the room. */
  get room(): RoomLog {
    return this.#room
  }

  /** The logs for a server that starts now. */
  open(): { readonly log: RoomLog; readonly sessions: SessionLog } {
    const life = ++this.#life
    this.#roomHeads = new Map()
    this.#sessionHeads = new Map()
    const alive = () => {
      if (life !== this.#life) throw new MidsentenceError('unavailable', 'This server is dead.')
    }
    const log: RoomLog = {
      ...this.#room,
      durability: 'flushed',
      append: async (room, records, expected) => {
        alive()
        const head = () => this.#room.head(room)
        const after = await fenced(this.#roomHeads, room, records, expected, head)
        await this.#flushed(this.#roomPending, () => this.#room.append(room, records, expected))
        return after
      },
      snapshots: {
        load: room => this.#room.snapshots!.load(room),
        save: async (room, snapshot) => {
          alive()
          await this.#room.snapshots!.save(room, JSON.parse(JSON.stringify(snapshot)))
        },
      },
      close: async () => {},
    }
    const sessions: SessionLog = {
      ...this.#sessions,
      durability: 'flushed',
      append: async (room, records, expected) => {
        alive()
        const copies = JSON.parse(JSON.stringify(records))
        const head = () => this.#sessions.head(room)
        const after = await fenced(this.#sessionHeads, room, records, expected, head)
        await this.#flushed(this.#sessionsPending, () => this.#sessions.append(room, copies, expected))
        return after
      },
      close: async () => {},
    }
    return { log, sessions }
  }

  /** The server dies: of what was not flushed the first so many writes of each log are kept. */
  async crash(room: number, sessions: number): Promise<void> {
    this.#life++
    const kept = [...this.#roomPending.slice(0, room), ...this.#sessionsPending.slice(0, sessions)]
    this.#roomPending = []
    this.#sessionsPending = []
    for (const pending of kept) await pending.flush()
  }

  #flushed(line: Pending[], write: () => Promise<unknown>): Promise<void> {
    if (this.#flush_ms === 0) return write().then(() => undefined)
    return new Promise(resolve => {
      const life = this.#life
      const pending: Pending = {
        flush: async () => {
          await write()
          if (life === this.#life) resolve()
        },
      }
      line.push(pending)
      this.#clock.after(this.#flush_ms, () => {
        if (life !== this.#life) return
        line.splice(line.indexOf(pending), 1)
        void pending.flush()
      })
    })
  }
}

/** Moves the head of `room` over `records`. Positions in memory are numbers of records. */
async function fenced(
  heads: Map<string, Position>,
  room: string,
  records: readonly unknown[],
  expected: Position,
  durableHead: () => Promise<Position>,
): Promise<Position> {
  const durable = await durableHead()
  const head = heads.get(room) ?? durable
  if (head !== expected) throw new MidsentenceError('unavailable', `Expected ${head}, not ${expected}.`)
  const after = String(Number(head) + records.length)
  heads.set(room, after)
  return after
}
