import { type ActionAnswer, type Participant, segmentsOf, textOf } from '@midsentence/core'
import type { UnstampedEvent } from './events.ts'
import {
  cutAtOtherName,
  isSilence,
  ReplyParser,
  separatorBetween,
  trimPartialWord,
  withoutVerdict,
} from './reply/reply-parser.ts'
import { SentenceSegmenter } from './segmenter.ts'

/** Characters of an answer that decide whether it says nothing. */
const SILENCE_WINDOW = 100

/**
 * What the model was asked for. `review`: how much of its draft to keep, so that the answer begins with that number. `rewrite`:
 * the whole message, after two reviews without that number.
 */
export type AskedFor = 'message' | 'review' | 'rewrite'

/** Streams one answer of a model into the segments of a participant's draft. */
export class DraftStream {
  readonly #participant: Participant
  readonly #receive: (answer: ActionAnswer) => void
  readonly #emit: (event: UnstampedEvent) => void
  readonly #asked: AskedFor
  readonly #mayThink: boolean
  #parser: ReplyParser
  #segmenter = new SentenceSegmenter()
  #beginning = ''
  #started = false
  #done = false
  #wrote = false
  /** Whether the answer has changed how much of the draft is kept. */
  #kept = false
  /** Whether the model was asked how many parts it keeps and did not say so. Its answer is not used. */
  unclear = false

  /** `mayThink`: an unclear answer is read to its end, since it may turn out to be reasoning with the verdict after it. */
  constructor(
    participant: Participant,
    asked: AskedFor,
    mayThink: boolean,
    receive: (answer: ActionAnswer) => void,
    emit: (event: UnstampedEvent) => void,
  ) {
    this.#participant = participant
    this.#receive = receive
    this.#emit = emit
    this.#asked = asked
    this.#mayThink = mayThink
    this.#parser = this.#newParser()
  }

  /** Adds streamed text. Resolves with "stop" when the draft takes no more. */
  async write(text: string, last = false): Promise<'stop' | undefined> {
    if (this.#beginning.length < SILENCE_WINDOW) this.#beginning += text
    const { keep, unclear, text: found } = this.#parser.feed(text, last)
    if (unclear && !isSilence(this.#beginning)) {
      this.unclear = true
      this.#done = !this.#mayThink
    }
    if (keep !== undefined) await this.#keep(keep)
    if (found !== '') await this.#segment(found)
    return this.#done ? 'stop' : undefined
  }

  /** Discards all text of the answer so far, which was reasoning. A review that has changed the draft has to be asked again. */
  async restart(): Promise<void> {
    if (this.#asked === 'review' && this.#kept) {
      this.#done = this.unclear = true
      return
    }
    this.unclear = false
    if (this.#asked !== 'review' && this.#participant.view.draft.segments > 0)
      this.#receive(await this.#participant.reset())
    this.#parser = this.#newParser()
    this.#segmenter = new SentenceSegmenter()
    this.#beginning = ''
    this.#started = this.#wrote = this.#done = false
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

  #newParser(): ReplyParser {
    const parts = this.#asked === 'review' ? segmentTexts(this.#participant) : undefined
    return new ReplyParser(this.#participant.name, parts, this.#asked === 'rewrite')
  }

  async #keep(keep: number): Promise<void> {
    this.#kept = true
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

  async #commit(text: string): Promise<void> {
    const segment = this.#asked === 'message' ? text : withoutVerdict(text)
    // "-" after the number of kept parts: the message does not go on.
    if (this.#done || segment === '' || (!this.#wrote && isSilence(segment))) return
    const others = [...this.#participant.view.present].filter(name => name !== this.#participant.name)
    const own = cutAtOtherName(segment, others, !this.#wrote)
    if (own !== segment) this.#done = true
    if (own === '') return
    this.#wrote = true
    const answer = await this.#participant.append(own)
    this.#receive(answer)
    // Any status but 1 means that the draft is full.
    if (answer.status !== 1) this.#done = true
    if (answer.accepted > 0) {
      const { segments, head } = this.#participant.view.draft
      this.#emit({ type: 'wrote', segment: segments, text: head!.text })
    }
  }
}

/** Returns the texts of a participant's draft, one per segment. */
export const segmentTexts = (participant: Participant): string[] =>
  segmentsOf(participant.view.draft).map(({ text }) => text)
