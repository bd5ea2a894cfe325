import { type ActionAnswer, type Participant, segmentsOf, textOf } from '@midsentence/core'
import type { UnstampedEvent } from './events.ts'
import { isSilence, ReplyParser, separatorBetween, trimPartialWord } from './reply-parser.ts'
import { SentenceSegmenter } from './segmenter.ts'

/** Characters of an answer that decide whether it says nothing. */
const SILENCE_WINDOW = 100

/** Streams one answer of a model into the segments of a participant's draft. */
export class DraftStream {
  readonly #participant: Participant
  readonly #receive: (answer: ActionAnswer) => void
  readonly #emit: (event: UnstampedEvent) => void
  readonly #parser: ReplyParser
  readonly #segmenter = new SentenceSegmenter()
  #beginning = ''
  #started = false
  #done = false

  /** `review`: the model was asked how much of its draft to keep, so the answer begins with that number. */
  constructor(
    participant: Participant,
    review: boolean,
    receive: (answer: ActionAnswer) => void,
    emit: (event: UnstampedEvent) => void,
  ) {
    this.#participant = participant
    this.#receive = receive
    this.#emit = emit
    this.#parser = new ReplyParser(participant.name, review ? segmentTexts(participant) : undefined)
  }

  /** Adds streamed text. Resolves with "stop" when the draft takes no more. */
  async write(text: string, last = false): Promise<'stop' | undefined> {
    if (this.#beginning.length < SILENCE_WINDOW) this.#beginning += text
    const { keep, text: found } = this.#parser.feed(text, last)
    if (keep !== undefined) await this.#keep(keep)
    if (found !== '') await this.#segment(found)
    return this.#done ? 'stop' : undefined
  }

  /** Commits the rest of a complete answer. Resolves with false when there is nothing to send. */
  async finish(): Promise<boolean> {
    if (isSilence(this.#beginning)) {
      if (this.#participant.view.draft.segments > 0) this.#receive(await this.#participant.reset())
      return false
    }
    await this.write('', true)
    await this.#commit(this.#segmenter.end())
    return this.#participant.view.draft.segments > 0
  }

  /** Commits the whole words of an aborted answer as a last segment. */
  async abort(): Promise<void> {
    await this.#commit(trimPartialWord(this.#segmenter.end()))
  }

  async #keep(keep: number): Promise<void> {
    const of = this.#participant.view.draft.segments
    if (keep === 0) this.#receive(await this.#participant.reset())
    else for (let left = of; left > keep; left--) this.#receive(await this.#participant.undo())
    this.#emit({ type: 'kept', segments: keep, of })
  }

  async #segment(text: string): Promise<void> {
    const first = !this.#started
    this.#started = true
    const whole = first ? separatorBetween(textOf(this.#participant.view.draft), text) + text : text
    for (const segment of this.#segmenter.feed(whole)) await this.#commit(segment)
  }

  async #commit(segment: string): Promise<void> {
    const { draft } = this.#participant.view
    if (this.#done || segment === '' || (draft.segments === 0 && isSilence(segment))) return
    if (draft.segments > 0 && this.#speaksForAnother(segment)) {
      this.#done = true
      return
    }
    const answer = await this.#participant.append(segment)
    this.#receive(answer)
    // Any status but 1 means that the draft is full.
    if (answer.status !== 1) this.#done = true
    if (answer.accepted > 0) {
      const { segments, head } = this.#participant.view.draft
      this.#emit({ type: 'wrote', segment: segments, text: head!.text })
    }
  }

  /** Whether a segment begins a line in another participant's name. Some models continue the whole conversation. */
  #speaksForAnother(segment: string): boolean {
    if (!/^\s*\n/.test(segment)) return false
    const line = segment.trimStart().toLowerCase()
    return [...this.#participant.view.present].some(
      name => name !== this.#participant.name && line.startsWith(`${name.toLowerCase()}:`),
    )
  }
}

/** Returns the texts of a participant's draft, one per segment. */
export const segmentTexts = (participant: Participant): string[] =>
  segmentsOf(participant.view.draft).map(({ text }) => text)
