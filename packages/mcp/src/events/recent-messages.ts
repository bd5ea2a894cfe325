import type { Clock, Message, MidsentenceError, Seq } from '@midsentence/core'
import type { LogPosition } from './log-position.ts'

/** Most messages kept for events. A reader further back gets a notice that it missed some. */
export const MAX_RECENT = 1000

/** Messages after a position. */
export interface RecentPage {
  readonly messages: readonly Message[]
  /** Position of the first message, less one. Later than the given one if some are lost. */
  readonly from: LogPosition
  /** Some messages between the given position and the first of these are lost, or it is one of another log. */
  readonly truncated: boolean
}

/** Keeps the newest messages of a room in order, for readers that each have their own position. */
export class RecentMessages {
  #messages: Message[] = []
  #log: string
  /** Seqs up to here are not kept. */
  #start: Seq
  #head: Seq
  #ended: MidsentenceError | undefined
  readonly #waiting = new Set<() => void>()

  /** Begins with the message after `start`. */
  constructor({ log, seq }: LogPosition) {
    this.#log = log
    this.#start = seq
    this.#head = seq
  }

  get log(): string {
    return this.#log
  }

  /** Seq of the newest message. */
  get head(): Seq {
    return this.#head
  }

  get start(): Seq {
    return this.#start
  }

  /** Why no more messages come, once none do. */
  get ended(): MidsentenceError | undefined {
    return this.#ended
  }

  /** Number of readers that wait. */
  get waiting(): number {
    return this.#waiting.size
  }

  /** Begins again with the message after `start`: for a reader further back, or when the server has another log. */
  restart({ log, seq }: LogPosition): void {
    this.#messages = []
    this.#log = log
    this.#start = seq
    this.#head = seq
    this.#notify()
  }

  add(message: Message): void {
    if (message.seq <= this.#head) return
    if (message.seq > this.#head + 1) this.miss(message.seq - 1)
    this.#head = message.seq
    this.#messages.push(message)
    if (this.#messages.length > MAX_RECENT) this.#start = this.#messages.shift()!.seq
    this.#notify()
  }

  /** Marks every seq up to `to` that did not arrive as lost. Forgets what lies before it: it is as far back as `to`. */
  miss(to: Seq): void {
    if (to <= this.#head) return
    this.#head = to
    this.#start = to
    this.#messages = []
    this.#notify()
  }

  /** Ends all waits: the session is over. */
  end(reason: MidsentenceError): void {
    this.#ended = reason
    this.#notify()
  }

  after(position: LogPosition, limit: number = MAX_RECENT): RecentPage {
    const truncated = position.log !== this.#log || position.seq < this.#start
    const seq = truncated ? this.#start : position.seq
    const messages = this.#messages.filter(message => message.seq > seq).slice(0, limit)
    return { messages, from: { log: this.#log, seq }, truncated }
  }

  /** Resolves with true once there is more than `position` or the end, with false after `ms` or an abort. */
  wait(position: LogPosition, ms: number, clock: Clock, signal: AbortSignal): Promise<boolean> {
    const isDone = () => this.#head > position.seq || position.log !== this.#log || this.#ended !== undefined
    return new Promise(resolve => {
      if (isDone() || signal.aborted) return resolve(isDone())
      const settle = (done: boolean) => {
        cancel()
        this.#waiting.delete(check)
        signal.removeEventListener('abort', abort)
        resolve(done)
      }
      const check = () => isDone() && settle(true)
      const abort = () => settle(false)
      const cancel = clock.after(ms, abort)
      this.#waiting.add(check)
      signal.addEventListener('abort', abort, { once: true })
    })
  }

  #notify(): void {
    for (const check of [...this.#waiting]) check()
  }
}
