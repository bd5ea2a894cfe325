import type { Clock, Message, Seq } from '@midsentence/core'

/** Overdue echoes, and unmatched messages, to remember at most. */
const REMEMBERED = 100

/** Connected milliseconds after which an echo counts as lost. The server echoes within two seconds. */
const LATE_MS = 60_000

/** A message under the own name: the expected echo, one that was given up, or one this session did not expect. */
export type EchoKind = 'expected' | 'late' | 'unexpected'

interface ExpectedEcho {
  readonly content: string
  readonly resolve: (message: Message | undefined) => void
}

interface OverdueEcho {
  readonly content: string
  readonly since: number
}

/**
 * Finds the echoes among the messages under the own name. The server gives no ids, so it compares contents; the server
 * keeps the order of sending.
 */
export class EchoMatcher {
  readonly #clock: Clock
  #expected: ExpectedEcho | undefined
  #overdue: readonly OverdueEcho[] = []
  #unexpected: readonly Message[] = []
  #upSince = Number.POSITIVE_INFINITY

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** Notes whether the stream is connected. Time while disconnected does not make an echo late. */
  setConnected(up: boolean): void {
    this.#upSince = up ? this.#clock.monotonic() : Number.POSITIVE_INFINITY
  }

  /** Resolves with the echo of `content`, or undefined after `stopExpecting`. */
  expect(content: string): Promise<Message | undefined> {
    return new Promise(resolve => {
      this.#expected = { content, resolve }
    })
  }

  /** Stops waiting for the echo. `overdue`: its message already has a seq, so the echo is dropped when it comes. */
  stopExpecting(overdue = false): void {
    if (!this.#expected) return
    const { content, resolve } = this.#expected
    this.#expected = undefined
    if (overdue) this.#overdue = [...this.#overdue, { content, since: this.#clock.monotonic() }].slice(-REMEMBERED)
    resolve(undefined)
  }

  /** Classifies a message under the own name by its content. */
  classify(content: string): EchoKind {
    if (this.#expected?.content === content) {
      // Echoes come in the order of sending: earlier ones will not come any more.
      this.#overdue = this.#overdue.filter(other => other.content === content)
      return 'expected'
    }
    const now = this.#clock.monotonic()
    this.#overdue = this.#overdue.filter(({ since }) => now - Math.max(since, this.#upSince) < LATE_MS)
    const late = this.#overdue.findIndex(other => other.content === content)
    if (late < 0) return 'unexpected'
    this.#overdue = this.#overdue.toSpliced(late, 1)
    return 'late'
  }

  /** Resolves the pending `expect`. */
  resolve(message: Message): void {
    const { resolve } = this.#expected ?? {}
    this.#expected = undefined
    resolve?.(message)
  }

  /** Keeps an unexpected message, since it may be the effect of an earlier attempt. */
  remember(message: Message): void {
    this.#unexpected = [...this.#unexpected, message].slice(-REMEMBERED)
  }

  /** Takes the first kept message with this content after `base`. */
  claim(content: string, base: Seq): Message | undefined {
    const found = this.#unexpected.find(message => message.content === content && message.seq > base)
    if (found) this.#unexpected = this.#unexpected.filter(message => message !== found)
    return found
  }
}
