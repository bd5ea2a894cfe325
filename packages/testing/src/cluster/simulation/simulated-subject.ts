/** The outcome of a message to a subject: its number, or that the expectation was wrong. */
export type SimulatedOutcome = { readonly seq: number } | { readonly refused: true }

/** A message to a subject. */
export interface SubjectMessage {
  /** A second message with this id has no effect, and is answered as the first. */
  readonly id: string
  /** The number of the message that must be the newest. */
  readonly expected: number
  /** What it changes. Rejects if it may not be. */
  write(): Promise<void> | void
}

/** One subject of a stream: numbered messages, each written under an expectation. */
export class SimulatedSubject {
  readonly #ids = new Map<string, number>()
  #last = 0

  /** The number of the newest message. */
  get last(): number {
    return this.#last
  }

  async publish({ id, expected, write }: SubjectMessage): Promise<SimulatedOutcome> {
    const seq = this.#ids.get(id)
    if (seq !== undefined) return { seq }
    if (expected !== this.#last) return { refused: true }
    this.#ids.set(id, ++this.#last)
    await write()
    return { seq: this.#last }
  }
}
