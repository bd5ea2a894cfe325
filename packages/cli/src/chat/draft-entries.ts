import type { ActionAnswer, Participant } from '@midsentence/core'

interface DraftEntry {
  readonly segments: number
  readonly lines: number
}

/**
 * Adds texts of any length to a participant's draft, each on a new line, and removes them again as they were added. A
 * segment has at most 1,000 characters, so one text may become several.
 */
export class DraftEntries {
  readonly #participant: Participant
  readonly #received: (answer: ActionAnswer) => void
  #entries: DraftEntry[] = []

  /** `received` is called with every answer, which may give messages. */
  constructor(participant: Participant, received: (answer: ActionAnswer) => void) {
    this.#participant = participant
    this.#received = received
  }

  /** The number of lines in the draft. */
  get lines(): number {
    return this.#current().reduce((sum, { lines }) => sum + lines, 0)
  }

  /** Adds `text` and resolves with true; or, if the draft has no space for all of it, adds nothing and resolves with false. */
  async add(text: string): Promise<boolean> {
    const { rest, segments } = await this.#append(text)
    if (rest === '') return true
    await this.#remove(segments)
    this.#entries.pop()
    return false
  }

  /** Adds as much of `text` as the draft takes. Resolves with the rest. */
  async addStart(text: string): Promise<string> {
    return (await this.#append(text)).rest
  }

  /** Removes the newest text. Resolves with false if the draft is empty. */
  async undo(): Promise<boolean> {
    const { segments = 1 } = this.#current().pop() ?? {}
    return this.#participant.view.draft.segments > 0 && this.#remove(segments)
  }

  async #append(text: string): Promise<{ readonly rest: string; readonly segments: number }> {
    const entries = this.#current()
    const before = this.#participant.view.draft.segments
    let rest = before === 0 ? text : `\n${text}`
    for (let accepted = 1; rest !== '' && accepted > 0; ) {
      const answer = await this.#participant.append(rest)
      accepted = answer.accepted
      rest = [...rest].slice(accepted).join('')
      this.#received(answer)
    }
    const segments = this.#participant.view.draft.segments - before
    entries.push({ segments, lines: text.split('\n').length })
    return { rest, segments }
  }

  async #remove(segments: number): Promise<true> {
    for (let left = segments; left > 0; left--) this.#received(await this.#participant.undo())
    return true
  }

  /** The entries of the current draft: a push or a reset has emptied the earlier one. */
  #current(): DraftEntry[] {
    if (this.#participant.view.draft.segments === 0) this.#entries = []
    return this.#entries
  }
}
