import { CROSSED_NAMED, type Crossed, crossedOf } from '../../room/crossed.ts'
import type { Message, Seq, SeqRange } from '../../room/message.ts'
import { PAGE_MESSAGES, pageSize } from '../../room/page.ts'
import type { AuthorIndex } from './author-index.ts'

/** A page of messages that a session has not seen. */
export interface MessagePage {
  readonly messages: readonly Message[]
  /** The cursor after this page. It passes over the session's own messages. */
  readonly through: Seq
  readonly more: boolean
  /** Seqs of others' messages that retention dropped. */
  readonly missed?: SeqRange
}

/**
 * The newest messages of a room: those that are judged, and up to `visible` those that are written. It knows the author of
 * every message, and the text of the newest; the log has the rest.
 */
export class MessageWindow {
  readonly #authors: AuthorIndex
  readonly #capacity: number
  #tail: Message[]
  /** More texts than `#capacity`, where that is less than a page: `overflows` needs a page. */
  #newest: Message[] | undefined
  /** The seq of the newest message that is written and may be shown. */
  visible: Seq

  /** Starts with `tail`, the newest of the messages in `authors`. Keeps at least the newest `capacity` texts. */
  constructor(capacity: number, authors: AuthorIndex, tail: readonly Message[]) {
    this.#capacity = capacity
    this.#authors = authors
    this.#tail = tail.slice(-capacity)
    this.#newest = capacity > PAGE_MESSAGES ? undefined : [...tail]
    this.visible = authors.count
  }

  /** The seq of the newest message that was judged. */
  get head(): Seq {
    return this.#authors.count
  }

  get last(): Message | undefined {
    return this.#tail.at(-1)
  }

  /** The seq of the oldest message in the window. */
  get first(): Seq {
    return this.head - this.#tail.length + 1
  }

  /** Adds a message that was judged. */
  add(message: Message, author: string): void {
    this.#authors.add(author)
    this.#tail.push(message)
    if (this.#tail.length > 2 * this.#capacity && this.visible >= this.head - this.#capacity) {
      this.#tail = this.#tail.slice(-this.#capacity)
    }
    if (!this.#newest) return
    this.#newest.push(message)
    if (this.#newest.length > 4 * PAGE_MESSAGES) this.#newest = this.#newest.slice(-PAGE_MESSAGES - 1)
  }

  authorOf(seq: Seq): string | undefined {
    return this.#authors.at(seq)
  }

  /** Returns what a message of `session` at `seq` crosses, if its author knew everything up to `base`. */
  crossed(session: string, base: Seq, seq: Seq): Crossed {
    const { newest, count } = this.#authors.others(session, base, seq, CROSSED_NAMED)
    return crossedOf(newest, count)
  }

  /**
   * Tells whether the messages that `session` has not seen after `base` exceed one page, written or not. Texts that are only
   * in the log are assumed to fit, since a decision must not wait for a read.
   */
  overflows(session: string, base: Seq): boolean {
    const texts = this.#newest ?? this.#tail
    const first = this.head - texts.length + 1
    const inMemory: Message[] = []
    let unseen = 0
    for (let seq = base + 1; seq <= this.head; seq++) {
      if (this.#authors.at(seq) === session) continue
      if (++unseen > PAGE_MESSAGES) return true
      const text = texts[seq - first]
      if (text) inMemory.push(text)
    }
    return pageSize(inMemory) < inMemory.length
  }

  /** Returns at most `limit` visible messages above `after`. Undefined if they are only in the log. */
  slice(after: Seq, limit: number): readonly Message[] | undefined {
    if (after < this.first - 1) return undefined
    const from = after + 1 - this.first
    return this.#tail.slice(from, Math.min(from + limit, this.visible + 1 - this.first))
  }

  /** Returns a page of the messages of others after `from`. Undefined if they are only in the log. */
  page(session: string, from: Seq): MessagePage | undefined {
    if (from < this.first - 1) return undefined
    return this.pageOf(session, from, this.#others(session, from, this.visible), this.visible)
  }

  /**
   * Returns all messages of others after `from`, written or not: those that lie before a message that is judged now.
   * Undefined if they are more than a page, or only in the log.
   */
  unseenBefore(session: string, from: Seq): readonly Message[] | undefined {
    if (from < this.first - 1) return undefined
    const others = this.#others(session, from, this.head)
    return pageSize(others) < others.length ? undefined : others
  }

  /** Returns the first page of `unseen`, which are all messages of others after `from` and up to `known`. */
  pageOf(session: string, from: Seq, unseen: readonly Message[], known: Seq): MessagePage {
    const count = pageSize(unseen)
    const next = unseen[count]
    if (next) return { messages: unseen.slice(0, count), through: next.seq - 1, more: true }
    const more = this.#hasOthersAbove(session, known)
    return { messages: unseen, through: Math.max(from, more ? known : this.visible), more }
  }

  #others(session: string, after: Seq, to: Seq): Message[] {
    const found: Message[] = []
    // Find one more than a page, to know whether there is more.
    for (let seq = after + 1; seq <= to && found.length <= PAGE_MESSAGES; seq++) {
      if (this.#authors.at(seq) !== session) found.push(this.#tail[seq - this.first]!)
    }
    return found
  }

  #hasOthersAbove(session: string, seq: Seq): boolean {
    for (let at = seq + 1; at <= this.visible; at++) if (this.#authors.at(at) !== session) return true
    return false
  }
}
