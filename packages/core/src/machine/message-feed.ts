import { type Observable, ReplaySubject } from 'rxjs'
import { textOf } from '../draft/evolve.ts'
import type { ParticipantState } from '../participant/evolve.ts'
import type { Fact } from '../participant/facts.ts'
import { type Inbox, inboxAt, knows, markGiven, markMissed, receive } from '../participant/inbox.ts'
import type { Inbound } from '../ports/transport.ts'
import type { Message, Seq } from '../room/message.ts'

/** How many messages a late subscriber of `messages$` gets: the newest. */
const REPLAYED = 1000

export interface MessageFeedOptions {
  /** Id of the room log. */
  readonly log: string
  /** The feed begins with the message after this seq. */
  readonly after: Seq
  /** The first message may lie before `after`: the feed then begins with it. */
  readonly mayBeginEarlier: boolean
  /** The transport sends lost messages again; otherwise a gap is a loss. */
  readonly resumes: boolean
}

/** Puts all messages of a room in order, own ones included: each once, also over reconnects. */
export class MessageFeed {
  readonly #messages = new ReplaySubject<Message>(REPLAYED)
  readonly #resumes: boolean
  /** The current push, as its message will have it. */
  #push: Pick<Message, 'content' | 'base' | 'meta'> | undefined
  #mayBeginEarlier: boolean
  #log: string
  #order: Inbox
  #requested: Seq | undefined

  constructor({ log, after, mayBeginEarlier, resumes }: MessageFeedOptions) {
    this.#log = log
    this.#order = inboxAt(after)
    this.#mayBeginEarlier = mayBeginEarlier
    this.#resumes = resumes
  }

  get messages$(): Observable<Message> {
    return this.#messages
  }

  /** Emits a message that was received before the feed began. */
  replay(message: Message): void {
    this.#messages.next(message)
  }

  /** Returns, once, the seq after which to ask again for a message that the inbox, which is `through`, does not need. */
  receive(item: Inbound, through: Seq): Seq | undefined {
    if (item.type === 'message') this.#add(item.message)
    else if (item.type === 'missed') this.#markMissed(item.from, item.to)
    else if (item.type === 'rejoined' && !item.welcome.resumed)
      this.#rejoin(item.welcome.session.log, item.welcome.cursor)
    const { outOfOrder, through: after } = this.#order
    if (outOfOrder.length === 0 || after >= through || after === this.#requested) return undefined
    this.#requested = after
    return after
  }

  /** Adds an own message at its verdict: its echo may come later, or never. `state` is the one after `fact`. */
  handle(fact: Fact, { draft, session }: ParticipantState): void {
    if (fact.type === 'pushing') {
      const { base, meta } = fact
      this.#push = { content: textOf(draft), base, ...(meta && { meta }) }
    } else if (this.#push && (fact.type === 'pushed' || fact.type === 'held' || fact.type === 'refused')) {
      const push = this.#push
      this.#push = undefined
      if (fact.type !== 'pushed') return this.#closeGap()
      const { type: _, durability: __, ...receipt } = fact
      this.#add({ sender_id: session?.sender_id ?? '', ...push, ...receipt })
    }
  }

  #add(message: Message): void {
    if (this.#mayBeginEarlier && message.seq <= this.#order.through) this.#order = inboxAt(message.seq - 1)
    this.#mayBeginEarlier = false
    if (knows(this.#order, message.seq)) return
    this.#order = receive(this.#order, message)
    this.#closeGap()
  }

  complete(): void {
    this.#messages.complete()
  }

  #rejoin(log: string, cursor: Seq): void {
    const { through } = this.#order
    // The seqs of another log start again.
    if (log !== this.#log) this.#order = inboxAt(cursor)
    else if (cursor > through) this.#markMissed(through + 1, cursor)
    this.#log = log
  }

  /** Skips what a transport that cannot resume has lost. A gap during a push may be the own message. */
  #closeGap(): void {
    const first = this.#order.outOfOrder[0]
    if (first && !this.#resumes && !this.#push) this.#markMissed(this.#order.through + 1, first.seq - 1)
    else this.#emit()
  }

  #markMissed(from: Seq, to: Seq): void {
    this.#order = markMissed(this.#order, from, to)
    this.#emit()
  }

  #emit(): void {
    const { unseen, through } = this.#order
    this.#order = markGiven(this.#order, through)
    for (const message of unseen) this.#messages.next(message)
  }
}
