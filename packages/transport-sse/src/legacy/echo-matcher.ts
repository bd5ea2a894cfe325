import type { Clock, Message, Seq } from '@midsentence/core'

/** So many echoes that did not come, and so many messages that nobody here waited for, are remembered. */
const REMEMBERED = 100

/** A line that is up brings an echo within two seconds: what is not here after so long was lost on the way. */
const LATE_MS = 60_000

/** What an own message that came back is: the receipt that is waited for, one that was given up, or news. */
export type EchoKind = 'receipt' | 'late' | 'stray'

interface ExpectedEcho {
  readonly content: string
  readonly seen: (message: Message | undefined) => void
}

interface OverdueEcho {
  readonly content: string
  readonly since: number
}

/**
 * Which of the messages under one's own name are echoes of what was sent. The server gives no ids, so the content has
 * to tell; it keeps the order in which things were sent.
 */
export class EchoMatcher {
  readonly #clock: Clock
  #expected: ExpectedEcho | undefined
  #overdue: readonly OverdueEcho[] = []
  #strays: readonly Message[] = []
  #upSince = Number.POSITIVE_INFINITY

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** The line is up, or down. While it is down no echo is lost by waiting. */
  setConnected(up: boolean): void {
    this.#upSince = up ? this.#clock.monotonic() : Number.POSITIVE_INFINITY
  }

  /** Waits for the echo of `content`; undefined after `forget`. */
  expect(content: string): Promise<Message | undefined> {
    return new Promise(seen => {
      this.#expected = { content, seen }
    })
  }

  /** Waits no more for the echo expected. It is `overdue` if its message is in the room and has its place already. */
  stopExpecting(overdue = false): void {
    if (!this.#expected) return
    const { content, seen } = this.#expected
    this.#expected = undefined
    if (overdue) this.#overdue = [...this.#overdue, { content, since: this.#clock.monotonic() }].slice(-REMEMBERED)
    seen(undefined)
  }

  /** An own message came: what is it? */
  classify(content: string): EchoKind {
    if (this.#expected?.content === content) {
      // Echoes come in the order of sending: those of other messages before it will not come any more.
      this.#overdue = this.#overdue.filter(other => other.content === content)
      return 'receipt'
    }
    const now = this.#clock.monotonic()
    this.#overdue = this.#overdue.filter(({ since }) => now - Math.max(since, this.#upSince) < LATE_MS)
    const late = this.#overdue.findIndex(other => other.content === content)
    if (late < 0) return 'stray'
    this.#overdue = this.#overdue.toSpliced(late, 1)
    return 'late'
  }

  /** Gives the receipt to who waits for it. */
  resolve(message: Message): void {
    const { seen } = this.#expected ?? {}
    this.#expected = undefined
    seen?.(message)
  }

  /** Keeps a message under one's own name: it may turn out to be what an earlier attempt sent. */
  remember(message: Message): void {
    this.#strays = [...this.#strays, message].slice(-REMEMBERED)
  }

  /** Takes the first kept message with this content behind `base`. */
  claim(content: string, base: Seq): Message | undefined {
    const found = this.#strays.find(message => message.content === content && message.seq > base)
    if (found) this.#strays = this.#strays.filter(message => message !== found)
    return found
  }
}
