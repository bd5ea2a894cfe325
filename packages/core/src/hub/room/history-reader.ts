import type { RoomLog } from '../../ports/room-log.ts'
import type { Message, Seq, SeqRange } from '../../room/message.ts'
import type { MessagePage, MessageWindow } from './message-window.ts'

/** What was read of a room's messages. */
export interface HistoryPage {
  readonly messages: readonly Message[]
  /** Retention took these: they stood before `messages`, behind where reading began. */
  readonly missed?: SeqRange
}

/** So many messages are read from the log at once. */
const READ = 200

/** Reads a room's visible messages: the newest at once from memory, what is older from its log. */
export class HistoryReader {
  readonly #room: string
  readonly #log: RoomLog
  readonly #window: MessageWindow

  constructor(room: string, log: RoomLog, timeline: MessageWindow) {
    this.#room = room
    this.#log = log
    this.#window = timeline
  }

  /** A page of what others said after `from`. */
  page(session: string, from: Seq): MessagePage | Promise<MessagePage> {
    return this.#window.page(session, from) ?? this.#coldPage(session, from)
  }

  /** Messages above `after`, at most `limit` of them. */
  read(after: Seq, limit: number): HistoryPage | Promise<HistoryPage> {
    const messages = this.#window.slice(after, limit)
    return messages ? { messages } : this.#coldRead(after, limit)
  }

  async #coldPage(session: string, from: Seq): Promise<MessagePage> {
    const unseen: Message[] = []
    let known = from
    let missed: SeqRange | undefined
    for (;;) {
      const reading = await this.read(known, READ)
      const { messages } = reading
      missed ??= this.#ofOthers(session, reading.missed)
      for (const message of messages) if (this.#window.authorOf(message.seq) !== session) unseen.push(message)
      known = messages.at(-1)?.seq ?? reading.missed?.to ?? known
      const page = this.#window.pageOf(session, from, unseen, known)
      const ended = messages.length === 0 && !reading.missed
      if (ended || page.messages.length < unseen.length || !page.more) return missed ? { ...page, missed } : page
    }
  }

  async #coldRead(after: Seq, limit: number): Promise<HistoryPage> {
    // Whatever is visible now is there or gone; what comes while the log is read may be either.
    const { visible } = this.#window
    const read = await this.#log.messages(this.#room, after, limit)
    const messages = read.filter(({ seq }) => seq <= this.#window.visible)
    const first = messages[0]?.seq ?? visible + 1
    if (first <= after + 1) return { messages }
    // Memory may have what the log has let go of.
    const kept = Math.max(after, this.#window.first - 1)
    if (first <= kept + 1) return { messages, missed: { from: after + 1, to: first - 1 } }
    const rest = { messages: this.#window.slice(kept, limit) ?? [] }
    return kept > after ? { ...rest, missed: { from: after + 1, to: kept } } : rest
  }

  #ofOthers(session: string, missed: SeqRange | undefined): SeqRange | undefined {
    if (!missed) return undefined
    for (let seq = missed.from; seq <= missed.to; seq++) if (this.#window.authorOf(seq) !== session) return missed
    return undefined
  }
}
