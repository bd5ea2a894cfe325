import {
  MidsentenceError,
  memoryLog,
  memorySessions,
  type Position,
  type RoomLog,
  type SessionLog,
  type SessionRecord,
} from '@midsentence/core'

/** Puts what follows off until it is its turn, which comes in any order. */
export type Turn = (what: string) => Promise<void>

/**
 * Logs whose every call takes its time: it has its effect in a turn of its own, writes in the order they were called,
 * and is answered in another. A hub that died is answered nothing, and what it had under way has no effect any more.
 */
export class RaceLogs {
  readonly room: RoomLog = memoryLog()
  readonly #sessions: SessionLog = memorySessions()
  readonly #turn: Turn
  #life = 0

  constructor(turn: Turn) {
    this.#turn = turn
  }

  /** The logs for a hub that begins now. */
  open(): { readonly log: RoomLog; readonly sessions: SessionLog } {
    const life = ++this.#life
    const inTurn = async <T>(what: string, act: () => Promise<T>): Promise<T> => {
      await this.#turn(what)
      if (life !== this.#life) return never
      const done = await act()
      await this.#turn(`${what}, answered`)
      return life === this.#life ? done : never
    }
    const inOrder = () => {
      let last: Promise<unknown> = Promise.resolve()
      return async <T>(what: string, write: () => Promise<T>): Promise<T> => {
        const before = last
        const written = (async () => {
          await before
          await this.#turn(what)
          return life === this.#life ? write() : never
        })()
        last = written.catch(() => {})
        const done = await written
        await this.#turn(`${what}, answered`)
        return life === this.#life ? done : never
      }
    }
    const [toRoom, toSessions] = [inOrder(), inOrder()]
    const { room } = this
    let expects: Position | undefined
    const log: RoomLog = {
      id: room.id,
      durability: room.durability,
      head: name => inTurn('head', () => room.head(name)),
      append: (name, records, expected) => {
        if (expects !== undefined && expected !== expects) {
          return Promise.reject(new MidsentenceError('unavailable', `It stands at ${expects}, not at ${expected}.`))
        }
        expects = undefined
        return toRoom(`${records.length} records written`, async () => {
          expects = await room.append(name, records, expected)
          return expects
        })
      },
      messages: (name, after, limit) => inTurn('messages read', () => room.messages(name, after, limit)),
      records: (name, after) => room.records(name, after),
      snapshots: {
        load: name => inTurn('snapshot read', () => room.snapshots!.load(name)),
        save: (name, snapshot) => inTurn('snapshot written', () => room.snapshots!.save(name, snapshot)),
      },
      close: async () => {},
    }
    const sessions: SessionLog = {
      ...this.#sessions,
      append: (name, records, expected) => {
        const copies: SessionRecord[] = JSON.parse(JSON.stringify(records))
        return toSessions('session written', () => this.#sessions.append(name, copies, expected))
      },
      close: async () => {},
    }
    return { log, sessions }
  }

  /** The hub that was opened last is dead. */
  crash(): void {
    this.#life++
  }
}

const never = new Promise<never>(() => {})
