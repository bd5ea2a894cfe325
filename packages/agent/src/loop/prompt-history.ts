import { ageText } from '@midsentence/client'
import { type AnswerBase, type Message, type Seq, shownLength } from '@midsentence/core'

/** A message in the history of a model. */
export interface HistoryEntry {
  readonly message: Message
  /** Whether the model wrote it. */
  readonly own: boolean
  /** Whether it was said before the model joined. */
  readonly earlier: boolean
  /** How long before that it was said, such as `2 hours`. Absent under a minute. */
  readonly age?: string
}

/** Limits of the past messages in a prompt, and of the new ones. One new message is always there. */
export interface HistoryLimits {
  /** Most messages. Default 100. */
  readonly messages: number
  /** Most characters of content, with their line breaks and escapes. Default 24,000. */
  readonly characters: number
}

/** Messages of a room, and how many of them prompts have shown to the model. */
export class PromptHistory {
  #limits: HistoryLimits
  #entries: readonly HistoryEntry[] = []
  #characters = 0
  #unread: Message[] = []
  #omitted = false
  /** Seq of the newest message that the model wrote, 0 for none. */
  lastOwn: Seq = 0
  /** Lost seqs that no prompt has mentioned yet. */
  missed: AnswerBase['missed']

  /** The models of the room were silenced, and no prompt has said so yet. */
  wasHushed = false

  constructor(limits: HistoryLimits) {
    this.#limits = limits
  }

  /** Messages that no prompt has shown, oldest first. */
  get unread(): readonly Message[] {
    return this.#unread
  }

  /** Those of them that fit the next prompt. The others follow in the prompt after it. */
  get next(): readonly Message[] {
    return this.#unread.slice(0, this.#fitting(this.#unread))
  }

  /** Whether the unread messages are more than one prompt shows. */
  get isFull(): boolean {
    return this.#fitting(this.#unread) < this.#unread.length
  }

  /** Whether older messages were dropped to stay within the limits. */
  get omitted(): boolean {
    return this.#omitted
  }

  /** Messages that the model knows, its own included, oldest first. */
  get read(): readonly HistoryEntry[] {
    return this.#entries
  }

  /** Adds the messages of an answer. Those from before the join count as shown. `now`: the wall time. */
  addAnswer({ messages, history = 0, missed, rejoined }: AnswerBase, now: number): void {
    // The room restarted its seqs: 0 keeps the old messages before the new ones.
    if (rejoined === 'room') {
      this.#entries = this.#entries.map(entry => ({ ...entry, message: { ...entry.message, seq: 0 } }))
      this.#unread = this.#unread.map(message => ({ ...message, seq: 0 }))
      this.lastOwn = 0
    }
    if (missed) this.missed = missed
    for (const message of messages.slice(0, history)) {
      const age = ageText(message.timestamp, now)
      this.#add({ message, own: false, earlier: true, ...(age !== '' && { age }) })
    }
    this.#unread = [...this.#unread, ...messages.slice(history)]
  }

  /** Leaves out the oldest unread messages that do not fit one prompt, up to the first that `isWanted`. */
  leaveOut(isWanted: (message: Message) => boolean): void {
    const fitting = this.#fitting([...this.#unread].reverse())
    const wanted = this.#unread.findIndex(isWanted)
    const from = Math.min(this.#unread.length - fitting, wanted < 0 ? this.#unread.length : wanted)
    if (from <= 0) return
    this.#omitted = true
    this.#unread = this.#unread.slice(from)
  }

  /**
   * Shows less from now on: about `by` characters fewer, or half as many. Returns false if the prompt cannot become shorter:
   * one message of the past stays, and a new one.
   */
  shorten(by?: number): boolean {
    const before = this.#shown
    const { next } = this
    const most = Math.max(this.#entries.length > 1 ? this.#characters : 0, next.length > 1 ? lengthOf(next) : 0)
    this.#limits = { ...this.#limits, characters: Math.max(0, most - (by ?? Math.ceil(most / 2))) }
    this.#trim(this.#entries)
    return this.#shown < before
  }

  /** Characters of the messages in the next prompt. */
  get #shown(): number {
    return this.#characters + lengthOf(this.next)
  }

  /** Adds a message that the model sent. */
  addOwn(message: Message): void {
    this.lastOwn = Math.max(this.lastOwn, message.seq)
    this.#add({ message, own: true, earlier: false })
  }

  /** Marks the messages of `next` as shown. Returns their seqs. */
  markShown(): Seq[] {
    const shown = this.next
    this.#unread = this.#unread.slice(shown.length)
    for (const message of shown) this.#add({ message, own: false, earlier: false })
    this.missed = undefined
    this.wasHushed = false
    return shown.map(({ seq }) => seq)
  }

  /** Returns how many of `messages`, from the first, fit one prompt: at least one. */
  #fitting(messages: readonly Message[]): number {
    const most = Math.min(messages.length, this.#limits.messages)
    let characters = 0
    for (let count = 0; count < most; count++) {
      characters += shownLength(messages[count]!.content)
      if (characters > this.#limits.characters && count > 0) return count
    }
    return most
  }

  #add(entry: HistoryEntry): void {
    const position = this.#entries.findLastIndex(({ message }) => message.seq <= entry.message.seq) + 1
    this.#characters += shownLength(entry.message.content)
    this.#trim(this.#entries.toSpliced(position, 0, entry))
  }

  /** Keeps the newest of `all` that are within the limits, and one at least. */
  #trim(all: readonly HistoryEntry[]): void {
    let from = 0
    const { messages, characters } = this.#limits
    while (from < all.length - 1 && (all.length - from > messages || this.#characters > characters)) {
      this.#characters -= shownLength(all[from++]!.message.content)
    }
    if (from > 0) this.#omitted = true
    this.#entries = from > 0 ? all.slice(from) : all
  }
}

const lengthOf = (messages: readonly Message[]): number =>
  messages.reduce((sum, { content }) => sum + shownLength(content), 0)
