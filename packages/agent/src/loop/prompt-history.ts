import type { AnswerBase, Message, Seq } from '@midsentence/core'

/** A message in the history of a model. */
export interface HistoryEntry {
  readonly message: Message
  /** Whether the model wrote it. */
  readonly own: boolean
}

/** Limits of the past messages in a prompt. */
export interface HistoryLimits {
  /** Most messages. Default 100. */
  readonly messages: number
  /** Most characters of content. Default 24,000. */
  readonly characters: number
}

/** Messages of a room, and how many of them prompts have shown to the model. */
export class PromptHistory {
  readonly #limits: HistoryLimits
  #entries: readonly HistoryEntry[] = []
  #characters = 0
  #unread: Message[] = []
  #omitted = false
  /** Lost seqs that no prompt has mentioned yet. */
  missed: AnswerBase['missed']

  constructor(limits: HistoryLimits) {
    this.#limits = limits
  }

  /** Messages that no prompt has shown, oldest first. */
  get unread(): readonly Message[] {
    return this.#unread
  }

  /** Whether older messages were dropped to stay within the limits. */
  get omitted(): boolean {
    return this.#omitted
  }

  /** Messages that the model knows, its own included, oldest first. */
  get read(): readonly HistoryEntry[] {
    const first = this.#unread[0]?.seq ?? Number.POSITIVE_INFINITY
    return this.#entries.filter(({ message, own }) => own || message.seq < first)
  }

  /** Adds the messages of an answer. */
  addAnswer({ messages, missed, rejoined }: AnswerBase): void {
    // The room restarted its seqs: 0 keeps the old messages before the new ones.
    if (rejoined) this.#entries = this.#entries.map(({ message, own }) => ({ message: { ...message, seq: 0 }, own }))
    if (missed) this.missed = missed
    for (const message of messages) this.#add({ message, own: false })
    // A backlog above the limit counts as read.
    this.#unread = [...this.#unread, ...messages].slice(-this.#limits.messages)
  }

  /** Adds a message that the model sent. */
  addOwn(message: Message): void {
    this.#add({ message, own: true })
  }

  /** Marks all messages as shown. Returns the seqs that were new. */
  markShown(): Seq[] {
    const shown = this.#unread.map(({ seq }) => seq)
    this.#unread = []
    this.missed = undefined
    return shown
  }

  #add(entry: HistoryEntry): void {
    const position = this.#entries.findLastIndex(({ message }) => message.seq <= entry.message.seq) + 1
    const all = this.#entries.toSpliced(position, 0, entry)
    this.#characters += entry.message.content.length
    let from = 0
    const { messages, characters } = this.#limits
    while (from < all.length - 1 && (all.length - from > messages || this.#characters > characters)) {
      this.#characters -= all[from++]!.message.content.length
    }
    if (from > 0) this.#omitted = true
    this.#entries = from > 0 ? all.slice(from) : all
  }
}
