import { memoryLog, memorySessions, type RoomLog, type SessionLog } from '@midsentence/core'

/** The logs that a hub writes. */
export interface HubLogs {
  readonly log: RoomLog
  readonly sessions: SessionLog
}

/** The logs of one process. */
export interface ProcessLogs extends HubLogs {
  /** Rejects when the process crashes. */
  readonly crashed: Promise<never>
}

export type WriteQueue = 'room' | 'sessions'

/** How long writes take. */
export interface LogDelays {
  /** Resolves when a write is durable. Writes of one queue become durable in the order of their calls. */
  flush?(queue: WriteQueue): Promise<void>
}

/** Makes one write durable and answers its caller. */
type Flush = () => Promise<void>

const never = new Promise<never>(() => {})

/** Copies a value as a disk does: later changes by the caller have no effect. */
const copied = <T>(value: T): T => JSON.parse(JSON.stringify(value)) as T

/**
 * Logs for a process that may crash at any time. A write that is not durable at a crash is lost, unless `crash` keeps it.
 * Calls of a crashed process have no effect and are never answered.
 */
export class CrashableLogs {
  readonly #logs: HubLogs
  readonly #delays: LogDelays
  readonly #pending: Readonly<Record<WriteQueue, Flush[]>> = { room: [], sessions: [] }
  #process = 0
  #reject: (reason: Error) => void = () => {}

  /** @param logs What is durable. Default: new logs in memory. */
  constructor(logs: HubLogs = { log: memoryLog(), sessions: memorySessions() }, delays: LogDelays = {}) {
    this.#logs = logs
    this.#delays = delays
  }

  /** What is durable of the rooms. */
  get room(): RoomLog {
    return this.#logs.log
  }

  /** Opens the logs for a new process. Closing them leaves the durable logs open. */
  open(): ProcessLogs {
    const process = ++this.#process
    const { log, sessions } = this.#logs
    const { snapshots } = log
    const read = <T>(call: () => Promise<T>): Promise<T> => this.#answer(process, call)
    const crashed = new Promise<never>((_, reject) => {
      this.#reject = reject
    })
    crashed.catch(() => {})
    return {
      crashed,
      log: {
        ...log,
        head: room => read(() => log.head(room)),
        messages: (...page) => read(() => log.messages(...page)),
        append: (room, records, expected) => {
          const written = copied(records)
          return this.#write('room', process, () => log.append(room, written, expected))
        },
        ...(snapshots && {
          snapshots: {
            load: room => read(() => snapshots.load(room)),
            save: (room, snapshot) => this.#answer(process, () => snapshots.save(room, copied(snapshot))),
          },
        }),
        close: async () => {},
      },
      sessions: {
        ...sessions,
        append: (room, records, expected) => {
          const written = copied(records)
          return this.#write('sessions', process, () => sessions.append(room, written, expected))
        },
        close: async () => {},
      },
    }
  }

  /** Crashes the process. Of the writes that are not durable, the first ones of each queue are kept. Default: none. */
  async crash(kept: Partial<Readonly<Record<WriteQueue, number>>> = {}): Promise<void> {
    this.#process++
    this.#reject(new Error('The process crashed.'))
    const flushes = (['room', 'sessions'] as const).flatMap(queue =>
      this.#pending[queue].splice(0).slice(0, kept[queue] ?? 0),
    )
    for (const flush of flushes) await flush()
  }

  /** Makes a call, if its process still runs, and answers it if the process runs then. */
  async #answer<T>(process: number, call: () => Promise<T>): Promise<T> {
    if (process !== this.#process) return never
    try {
      const answer = await call()
      return process === this.#process ? answer : await never
    } catch (error) {
      return process === this.#process ? Promise.reject(error) : never
    }
  }

  #write<T>(queue: WriteQueue, process: number, call: () => Promise<T>): Promise<T> {
    if (!this.#delays.flush) return this.#answer(process, call)
    if (process !== this.#process) return never
    return new Promise((resolve, reject) => {
      this.#pending[queue].push(async () => {
        // A crash may keep the write: then it takes effect without an answer.
        const [outcome] = await Promise.allSettled([call()])
        if (process !== this.#process) return
        if (outcome.status === 'fulfilled') resolve(outcome.value)
        else reject(outcome.reason)
      })
      // The oldest write becomes durable first, whichever flush is done.
      void this.#delays.flush!(queue).then(() => {
        if (process === this.#process) void this.#pending[queue].shift()?.()
      })
    })
  }
}
