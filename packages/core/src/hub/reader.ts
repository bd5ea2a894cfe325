import type { RoomLog } from '../ports/room-log.ts'
import type { Message, Missed, Seq } from '../room/message.ts'
import type { Page, Timeline } from './timeline.ts'

/** What was read of a room's messages. */
export interface Reading {
  readonly messages: readonly Message[]
  /** Retention took these: they stood before `messages`, behind where reading began. */
  readonly missed?: Missed
}

/** So many messages are read from the log at once. */
const READ = 200

/** Reads a room's visible messages: the newest at once from memory, what is older from its log. */
export class Reader {
  readonly #room: string
  readonly #log: RoomLog
  readonly #timeline: Timeline

  constructor(room: string, log: RoomLog, timeline: Timeline) {
    this.#room = room
    this.#log = log
    this.#timeline = timeline
  }

  /** A page of what others said after `from`. */
  page(session: string, from: Seq): Page | Promise<Page> {
    return this.#timeline.page(session, from) ?? this.#coldPage(session, from)
  }

  /** Messages above `after`, at most `limit` of them. */
  read(after: Seq, limit: number): Reading | Promise<Reading> {
    const messages = this.#timeline.slice(after, limit)
    return messages ? { messages } : this.#coldRead(after, limit)
  }

  async #coldPage(session: string, from: Seq): Promise<Page> {
    const unseen: Message[] = []
    let known = from
    let missed: Missed | undefined
    for (;;) {
      const reading = await this.read(known, READ)
      const { messages } = reading
      missed ??= this.#ofOthers(session, reading.missed)
      for (const message of messages) if (this.#timeline.authorOf(message.seq) !== session) unseen.push(message)
      known = messages.at(-1)?.seq ?? reading.missed?.to ?? known
      const page = this.#timeline.pageOf(session, from, unseen, known)
      const ended = messages.length === 0 && !reading.missed
      if (ended || page.messages.length < unseen.length || !page.more) return missed ? { ...page, missed } : page
    }
  }

  async #coldRead(after: Seq, limit: number): Promise<Reading> {
    // Whatever is visible now is there or gone; what comes while the log is read may be either.
    const { visible } = this.#timeline
    const read = await this.#log.messages(this.#room, after, limit)
    const messages = read.filter(({ seq }) => seq <= this.#timeline.visible)
    const first = messages[0]?.seq ?? visible + 1
    if (first <= after + 1) return { messages }
    // Memory may have what the log has let go of.
    const kept = Math.max(after, this.#timeline.first - 1)
    if (first <= kept + 1) return { messages, missed: { from: after + 1, to: first - 1 } }
    const rest = { messages: this.#timeline.slice(kept, limit) ?? [] }
    return kept > after ? { ...rest, missed: { from: after + 1, to: kept } } : rest
  }

  #ofOthers(session: string, missed: Missed | undefined): Missed | undefined {
    if (!missed) return undefined
    for (let seq = missed.from; seq <= missed.to; seq++) if (this.#timeline.authorOf(seq) !== session) return missed
    return undefined
  }
}
