import type { RoomLog } from '../../ports/room-log.ts'
import type { Message, Seq, SeqRange } from '../../room/message.ts'
import type { MessagePage, MessageWindow } from './message-window.ts'

/** Messages of a room. */
export interface HistoryPage {
  readonly messages: readonly Message[]
  /** Seqs before `messages` that retention dropped. */
  readonly missed?: SeqRange
}

/** How many messages are read from the log at once. */
const READ_MESSAGES = 200

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

  async #coldPage(session: string, from: Seq): Promise<MessagePage> {
    const unseen: Message[] = []
    let known = from
    let missed: SeqRange | undefined
    for (;;) {
      const read = await this.read(known, READ_MESSAGES)
      const { messages } = read
      missed ??= this.#missedOfOthers(session, read.missed)
      for (const message of messages) if (this.#window.authorOf(message.seq) !== session) unseen.push(message)
      known = messages.at(-1)?.seq ?? read.missed?.to ?? known
      const page = this.#window.pageOf(session, from, unseen, known)
      const ended = messages.length === 0 && !read.missed
      if (ended || page.messages.length < unseen.length || !page.more) return missed ? { ...page, missed } : page
    }
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

  #missedOfOthers(session: string, missed: SeqRange | undefined): SeqRange | undefined {
    if (!missed) return undefined
    for (let seq = missed.from; seq <= missed.to; seq++) if (this.#window.authorOf(seq) !== session) return missed
    return undefined
  }
}
