import { codePoints } from '../../draft/truncate.ts'
import type { RoomLog } from '../../ports/room-log.ts'
import type { Message, Seq, SeqRange } from '../../room/message.ts'
import { PAGE_LENGTH, PAGE_MESSAGES } from '../../room/page.ts'
import type { MessagePage, MessageWindow } from './message-window.ts'

/** Messages of a room. */
export interface HistoryPage {
  readonly messages: readonly Message[]
  /** Seqs before `messages` that retention dropped. */
  readonly missed?: SeqRange
}

/** How many messages of others the first read of a page asks for. Each read of a page doubles it. */
const FIRST_READ = 8
/** Up to this many messages of its reader between two of others are read along: a separate read costs more. */
const MAX_GAP = 8
/** Most text that is read for one page, in code units, with what is read along. Then the page ends early. */
const READ_LENGTH = 10 * PAGE_LENGTH

/** Reads the visible messages of a room: the newest from memory, at once, older ones from the log. */
export class HistoryReader {
  readonly #room: string
  readonly #log: RoomLog
  readonly #window: MessageWindow

  constructor(room: string, log: RoomLog, window: MessageWindow) {
    this.#room = room
    this.#log = log
    this.#window = window
  }

  /** Reads a page of the messages that others than `session` sent after `from`. */
  page(session: string, from: Seq): MessagePage | Promise<MessagePage> {
    return this.#window.page(session, from) ?? this.#coldPage(session, from)
  }

  /** Reads at most `limit` messages above `after`. */
  read(after: Seq, limit: number): HistoryPage | Promise<HistoryPage> {
    const messages = this.#window.slice(after, limit)
    return messages ? { messages } : this.#coldRead(after, limit)
  }

  /** Finds the messages of a page by the index, and reads only those and small gaps. */
  async #coldPage(session: string, from: Seq): Promise<MessagePage> {
    const unseen: Message[] = []
    let known = from
    let missed: SeqRange | undefined
    let length = 0
    let read = 0
    for (let size = FIRST_READ; ; size *= 2) {
      const { visible } = this.#window
      const [first, ...others] = this.#window.unseen(session, known, Math.min(size, PAGE_MESSAGES + 1))
      if (first === undefined) {
        known = visible
        break
      }
      const page = await this.read(first - 1, lastInReach(first, others) - first + 1)
      // What retention drops meanwhile is named by the next page.
      if (page.missed && unseen.length > 0) break
      if (page.missed) {
        missed = { from: missed?.from ?? page.missed.from, to: page.missed.to }
        known = page.missed.to
        continue
      }
      for (const message of page.messages) {
        read += message.content.length
        if (this.#window.authorOf(message.seq) === session) continue
        unseen.push(message)
        length += codePoints(message.content)
      }
      known = page.messages.at(-1)?.seq ?? known
      const full = unseen.length > PAGE_MESSAGES || length > PAGE_LENGTH || read > READ_LENGTH
      if (full || page.messages.length === 0) break
    }
    const page = this.#window.pageOf(session, from, unseen, known)
    return missed ? { ...page, missed } : page
  }

  async #coldRead(after: Seq, limit: number): Promise<HistoryPage> {
    // Take `visible` first: messages that are written while the log is read are not missed.
    const { visible } = this.#window
    const read = await this.#log.messages(this.#room, after, limit)
    const messages = read.filter(({ seq }) => seq <= this.#window.visible)
    const first = messages[0]?.seq ?? visible + 1
    if (first <= after + 1) return { messages }
    // The window may have messages that retention dropped from the log.
    const before = Math.max(after, this.#window.first - 1)
    if (first <= before + 1) return { messages, missed: { from: after + 1, to: first - 1 } }
    const rest = { messages: this.#window.slice(before, limit) ?? [] }
    return before > after ? { ...rest, missed: { from: after + 1, to: before } } : rest
  }
}

/** Returns the last of `others` that is read together with `first`. */
function lastInReach(first: Seq, others: readonly Seq[]): Seq {
  let last = first
  for (const seq of others) {
    if (seq - last > MAX_GAP + 1) break
    last = seq
  }
  return last
}

/** Text of a batch that is read from a log, at most, unless one item has more: a reader may stall with it in hand. */
const BATCH_SIZE = 64 * 1024

/** Returns the first of `items` that fit one batch, at least one. */
export function fitsOneBatch<Item>(items: readonly Item[], sizeOf: (item: Item) => number): readonly Item[] {
  let size = 0
  for (const [at, item] of items.entries()) {
    size += sizeOf(item)
    if (size > BATCH_SIZE && at > 0) return items.slice(0, at)
  }
  return items
}
