import { codePoints } from '../../draft/truncate.ts'
import { CROSSED_NAMED, type Crossed, crossedOf } from '../../room/crossed.ts'
import type { Message, Seq, SeqRange } from '../../room/message.ts'
import { PAGE_LENGTH, PAGE_MESSAGES, pageSize } from '../../room/page.ts'
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

/** How many lengths are remembered of the newest messages, also where their texts are not: `overflows` needs them. */
const LENGTHS_KEPT = 1000
/** Fewer characters than these are no bound: a page of the newest messages stays in memory. */
const MIN_LENGTH = 2 * PAGE_LENGTH
/** What a message takes besides its content and `meta`, in characters. */
const OVERHEAD = 200
/** The size of a `meta`, at most. */
const META_LENGTH = 2048

/** What of a room's texts stays in memory. */
export interface WindowBounds {
  /** How many of the newest messages stay at least, if `length` allows. Twice as many stay at most. */
  readonly messages: number
  /** How many characters of messages stay at most. At least 40,000 do, since a page has as many code units. */
  readonly length: number
}

/** Returns about how much memory a message takes, in characters. */
export const sizeInMemory = ({ content, crossed, meta }: Message): number =>
  content.length + OVERHEAD + 8 * (crossed?.length ?? 0) + (meta ? META_LENGTH : 0)

/** Returns how many of the newest `messages` fit `bounds`. */
export function fitting(messages: readonly Message[], bounds: WindowBounds): number {
  let left = Math.max(bounds.length, MIN_LENGTH)
  let count = 0
  while (count < Math.min(messages.length, bounds.messages)) {
    left -= sizeInMemory(messages[messages.length - 1 - count]!)
    if (left < 0) break
    count++
  }
  return count
}

/**
 * The newest messages of a room: those that are judged, and up to `visible` those that are written. It knows the author of
 * every message, and the text of the newest; the log has the rest.
 */
export class MessageWindow {
  readonly #authors: AuthorIndex
  readonly #bounds: WindowBounds
  /** What a cut keeps: half of the characters, so that a cut is rare. */
  readonly #cut: WindowBounds
  #tail: Message[]
  /** The sum of `sizeInMemory` of the tail. */
  #size = 0
  /** The code points of the newest messages. */
  #lengths: number[]
  #visible: Seq

  /** Starts with `tail`, the newest of the messages in `authors`. */
  constructor(bounds: WindowBounds, authors: AuthorIndex, tail: readonly Message[]) {
    this.#bounds = bounds
    this.#cut = { ...bounds, length: bounds.length / 2 }
    this.#authors = authors
    this.#tail = [...tail]
    this.#lengths = tail.map(({ content }) => codePoints(content))
    this.#visible = authors.count
    this.#trim()
  }

  /** The seq of the newest message that was judged. */
  get head(): Seq {
    return this.#authors.count
  }

  /** The seq of the newest message that is written and may be shown. */
  get visible(): Seq {
    return this.#visible
  }

  get last(): Message | undefined {
    return this.#tail.at(-1)
  }

  /** The seq of the oldest message in the window. */
  get first(): Seq {
    return this.head - this.#tail.length + 1
  }

  /** The memory that the texts take, in characters. */
  get size(): number {
    return this.#size
  }

  /** Adds a message that was judged. */
  add(message: Message, author: string): void {
    this.#authors.add(author)
    this.#tail.push(message)
    this.#size += sizeInMemory(message)
    this.#lengths.push(codePoints(message.content))
    if (this.#lengths.length > 2 * LENGTHS_KEPT) this.#lengths = this.#lengths.slice(-LENGTHS_KEPT)
  }

  /** Shows everything up to `seq`, which is written. Lets go of old texts: they can be read from the log now. */
  show(seq: Seq): void {
    this.#visible = seq
    const { messages, length } = this.#bounds
    if (this.#tail.length > 2 * messages || this.#size > Math.max(length, MIN_LENGTH)) this.#trim()
  }

  #trim(): void {
    const unwritten = this.head - this.#visible
    const kept = Math.max(fitting(this.#tail, this.#cut), unwritten)
    this.#tail = kept === 0 ? [] : this.#tail.slice(-kept)
    this.#size = this.#tail.reduce((sum, message) => sum + sizeInMemory(message), 0)
  }

  authorOf(seq: Seq): string | undefined {
    return this.#authors.at(seq)
  }

  /** Returns what a message of `session` at `seq` crosses, if its author knew everything up to `base`. */
  crossed(session: string, base: Seq, seq: Seq): Crossed {
    if (seq <= base + 1) return {}
    const count = this.#authors.countOthers(session, base, seq - 1)
    return crossedOf(this.#authors.newestOthers(session, base, seq - 1, CROSSED_NAMED), count)
  }

  /**
   * Tells whether the messages that `session` has not seen after `base` exceed one page, written or not. Messages whose
   * length is no longer known are assumed to fit, since a decision must not wait for a read.
   */
  overflows(session: string, base: Seq): boolean {
    const unseen = this.#authors.oldestOthers(session, base, this.head, PAGE_MESSAGES + 1)
    if (unseen.length > PAGE_MESSAGES) return true
    const before = this.head - this.#lengths.length + 1
    let length = 0
    for (const seq of unseen) length += this.#lengths[seq - before] ?? 0
    return unseen.length > 1 && length > PAGE_LENGTH
  }

  /** Returns the oldest seqs of visible messages of others than `session` above `after`, at most `limit`. */
  unseen(session: string, after: Seq, limit: number): readonly Seq[] {
    return this.#authors.oldestOthers(session, after, this.visible, limit)
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
    const more = this.#authors.hasOthers(session, known, this.visible)
    return { messages: unseen, through: Math.max(from, more ? known : this.visible), more }
  }

  #others(session: string, after: Seq, to: Seq): readonly Message[] {
    if (to <= after) return none
    const { first } = this
    // Find one more than a page, to know whether there is more.
    return this.#authors.oldestOthers(session, after, to, PAGE_MESSAGES + 1).map(seq => this.#tail[seq - first]!)
  }
}

const none: readonly Message[] = []
