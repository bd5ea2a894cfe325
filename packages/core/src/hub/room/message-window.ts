import { CROSSED_NAMED, type Crossed, crossedOf } from '../../room/crossed.ts'
import type { Message, Seq, SeqRange } from '../../room/message.ts'
import { PAGE_MESSAGES, pageSize } from '../../room/page.ts'
import type { AuthorIndex } from './author-index.ts'

/** Part of what a session has not been given. */
export interface MessagePage {
  readonly messages: readonly Message[]
  /** The cursor of one who was given them: one's own are passed over. */
  readonly through: Seq
  readonly more: boolean
  /** Retention took these, of what others said. */
  readonly missed?: SeqRange
}

/**
 * A room's messages as they are judged and, behind that, as they become visible. Who wrote each is known of all; their
 * text of the newest only, the log has the rest.
 */
export class MessageWindow {
  readonly #authors: AuthorIndex
  readonly #capacity: number
  #tail: Message[]
  /** Where less than that stays: what tells whether a hold could be shown in one page. */
  #newest: Message[] | undefined
  /** The seq of the newest message that is written, and may be shown. */
  visible: Seq

  /** Begins with `tail`, the newest of those whose `authors` are known; gives the newest `kept` at least from memory. */
  constructor(kept: number, authors: AuthorIndex, tail: readonly Message[]) {
    this.#capacity = kept
    this.#authors = authors
    this.#tail = tail.slice(-kept)
    this.#newest = kept > PAGE_MESSAGES ? undefined : [...tail]
    this.visible = authors.count
  }

  /** The seq of the newest message that was judged. */
  get head(): Seq {
    return this.#authors.count
  }

  get last(): Message | undefined {
    return this.#tail.at(-1)
  }

  /** The seq of the oldest message whose text is here. */
  get first(): Seq {
    return this.head - this.#tail.length + 1
  }

  /** One more message is judged. */
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

  /** What a message of `session` at `seq` crosses, judged by `base`. */
  crossed(session: string, base: Seq, seq: Seq): Crossed {
    const { newest, count } = this.#authors.others(session, base, seq, CROSSED_NAMED)
    return crossedOf(newest, count)
  }

  /**
   * Would what `session` has not seen after `base` exceed one page, written or not? Texts that are only in the log are
   * taken to fit: nobody may wait longer for that.
   */
  overflows(session: string, base: Seq): boolean {
    const texts = this.#newest ?? this.#tail
    const first = this.head - texts.length + 1
    const known: Message[] = []
    let unseen = 0
    for (let seq = base + 1; seq <= this.head; seq++) {
      if (this.#authors.at(seq) === session) continue
      if (++unseen > PAGE_MESSAGES) return true
      const text = texts[seq - first]
      if (text) known.push(text)
    }
    return pageSize(known) < known.length
  }

  /** Visible messages above `after`, at most `limit`; undefined where they are only in the log. */
  slice(after: Seq, limit: number): readonly Message[] | undefined {
    if (after < this.first - 1) return undefined
    const from = after + 1 - this.first
    return this.#tail.slice(from, Math.min(from + limit, this.visible + 1 - this.first))
  }

  /** A page of what others said after `from`; undefined where that is only in the log. */
  page(session: string, from: Seq): MessagePage | undefined {
    if (from < this.first - 1) return undefined
    return this.pageOf(session, from, this.#others(session, from, this.visible), this.visible)
  }

  /**
   * All that others said behind `from`, judged if not written yet: what a message that is judged now stands behind.
   * Undefined where that is more than a page, or only in the log.
   */
  unseenBefore(session: string, from: Seq): readonly Message[] | undefined {
    if (from < this.first - 1) return undefined
    const others = this.#others(session, from, this.head)
    return pageSize(others) < others.length ? undefined : others
  }

  /** The page that begins `unseen`, which is all that others said above `from`, up to `known`. */
  pageOf(session: string, from: Seq, unseen: readonly Message[], known: Seq): MessagePage {
    const count = pageSize(unseen)
    const next = unseen[count]
    if (next) return { messages: unseen.slice(0, count), through: next.seq - 1, more: true }
    const more = this.#speaksAbove(session, known)
    return { messages: unseen, through: Math.max(from, more ? known : this.visible), more }
  }

  #others(session: string, after: Seq, to: Seq): Message[] {
    const found: Message[] = []
    // One more than a page tells whether there is more.
    for (let seq = after + 1; seq <= to && found.length <= PAGE_MESSAGES; seq++) {
      if (this.#authors.at(seq) !== session) found.push(this.#tail[seq - this.first]!)
    }
    return found
  }

  #speaksAbove(session: string, seq: Seq): boolean {
    for (let at = seq + 1; at <= this.visible; at++) if (this.#authors.at(at) !== session) return true
    return false
  }
}
