import type { AnswerBase, Message, Seq } from '@midsentence/core'

/** What was said in the room, as far as the model is concerned. */
export interface Said {
  readonly message: Message
  /** The model's own. */
  readonly own: boolean
}

/** How much of a room's past a prompt brings. */
export interface HistoryLimits {
  /** Messages. Default 100. */
  readonly messages: number
  /** Characters of their contents. Default 24,000. */
  readonly characters: number
}

/** What was said in a room, and how much of it the model has read. */
export class History {
  readonly #limits: HistoryLimits
  #said: readonly Said[] = []
  #characters = 0
  #unread: Message[] = []
  #omitted = false
  /** Seqs that are gone for good and that no prompt has told yet. */
  missed: AnswerBase['missed']

  constructor(limits: HistoryLimits) {
    this.#limits = limits
  }

  /** What no prompt has shown yet, oldest first. */
  get unread(): readonly Message[] {
    return this.#unread
  }

  /** Was something left out of `read`, since it is too long ago? */
  get omitted(): boolean {
    return this.#omitted
  }

  /** What the model knows already, its own messages too, oldest first. */
  get read(): readonly Said[] {
    const first = this.#unread[0]?.seq ?? Number.POSITIVE_INFINITY
    return this.#said.filter(({ message, own }) => own || message.seq < first)
  }

  /** Takes in what an answer brought. */
  hear({ messages, missed, rejoined }: AnswerBase): void {
    // Seqs began again: what was said before stays what was said before.
    if (rejoined) this.#said = this.#said.map(({ message, own }) => ({ message: { ...message, seq: 0 }, own }))
    if (missed) this.missed = missed
    for (const message of messages) this.#add({ message, own: false })
    // What nobody is asked about for long counts as read.
    this.#unread = [...this.#unread, ...messages].slice(-this.#limits.messages)
  }

  speak(message: Message): void {
    this.#add({ message, own: true })
  }

  /** Everything is in the prompt that is sent now; gives the seqs of what is new in it. */
  show(): Seq[] {
    const shown = this.#unread.map(({ seq }) => seq)
    this.#unread = []
    this.missed = undefined
    return shown
  }

  #add(said: Said): void {
    const behind = this.#said.findLastIndex(({ message }) => message.seq <= said.message.seq) + 1
    const all = this.#said.toSpliced(behind, 0, said)
    this.#characters += said.message.content.length
    let from = 0
    const { messages, characters } = this.#limits
    while (from < all.length - 1 && (all.length - from > messages || this.#characters > characters)) {
      this.#characters -= all[from++]!.message.content.length
    }
    if (from > 0) this.#omitted = true
    this.#said = from > 0 ? all.slice(from) : all
  }
}
