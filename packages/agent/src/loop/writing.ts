import { type ActionAnswer, type Message, type Participant, segmentsOf, textOf } from '@midsentence/core'
import { type Attention, claims } from './attention.ts'
import type { Happening } from './events.ts'
import { isSilence, joint, Reply, wholeWords } from './reply.ts'
import { Segmenter } from './segmenter.ts'

/** Turns what a model streams into segments of a participant's draft. Made for one generation. */
export class Writing {
  readonly #participant: Participant
  readonly #hear: (answer: ActionAnswer) => void
  readonly #tell: (event: Happening) => void
  readonly #reply: Reply
  readonly #segmenter = new Segmenter()
  /** The answer's beginning: enough to know whether it says nothing. */
  #beginning = ''
  #started = false
  #over = false

  constructor(
    participant: Participant,
    asked: boolean,
    hear: (answer: ActionAnswer) => void,
    tell: (event: Happening) => void,
  ) {
    this.#participant = participant
    this.#hear = hear
    this.#tell = tell
    this.#reply = new Reply(participant.name, asked ? partsOf(participant) : undefined)
  }

  /** Takes in what came next. "stop": nothing more is wanted. */
  async take(text: string, last = false): Promise<'stop' | undefined> {
    if (this.#beginning.length < 100) this.#beginning += text
    const { keep, text: found } = this.#reply.feed(text, last)
    if (keep !== undefined) await this.#keep(keep)
    if (found !== '') await this.#write(found)
    return this.#over ? 'stop' : undefined
  }

  /** The model has finished. Resolves to whether there is something to send. */
  async finish(): Promise<boolean> {
    if (isSilence(this.#beginning)) {
      if (this.#participant.view.draft.segments > 0) this.#hear(await this.#participant.reset())
      return false
    }
    await this.take('', true)
    await this.#commit(this.#segmenter.end())
    return this.#participant.view.draft.segments > 0
  }

  /** The generation was stopped anywhere: whole words stay, as a last segment. */
  async stop(): Promise<void> {
    await this.#commit(wholeWords(this.#segmenter.end()))
  }

  async #keep(keep: number): Promise<void> {
    const of = this.#participant.view.draft.segments
    if (keep === 0) this.#hear(await this.#participant.reset())
    else for (let left = of; left > keep; left--) this.#hear(await this.#participant.undo())
    this.#tell({ type: 'kept', segments: keep, of })
  }

  async #write(text: string): Promise<void> {
    const first = !this.#started
    this.#started = true
    const whole = first ? joint(textOf(this.#participant.view.draft), text) + text : text
    for (const segment of this.#segmenter.feed(whole)) await this.#commit(segment)
  }

  async #commit(segment: string): Promise<void> {
    const { draft } = this.#participant.view
    if (this.#over || segment === '' || (draft.segments === 0 && isSilence(segment))) return
    if (draft.segments > 0 && this.#speaksForAnother(segment)) {
      this.#over = true
      return
    }
    const answer = await this.#participant.append(segment)
    this.#hear(answer)
    // The draft is full: what it holds is what can be sent.
    if (answer.status !== 1) this.#over = true
    if (answer.accepted > 0) {
      const { segments, head } = this.#participant.view.draft
      this.#tell({ type: 'wrote', segment: segments, text: head!.text })
    }
  }

  /** Models that see a talk go on with it: a line in another's name is not theirs to write. */
  #speaksForAnother(segment: string): boolean {
    if (!/^\s*\n/.test(segment)) return false
    const line = segment.trimStart().toLowerCase()
    return [...this.#participant.view.present].some(
      name => name !== this.#participant.name && line.startsWith(`${name.toLowerCase()}:`),
    )
  }
}

/** A participant's draft, segment by segment. */
export const partsOf = (participant: Participant): string[] =>
  segmentsOf(participant.view.draft).map(({ text }) => text)

/** Listens while a model writes, and is told at once of a message that claims attention. */
export class Interruption {
  /** What claimed attention. */
  by: Message | undefined
  readonly #stopping = new AbortController()
  readonly #line: { unsubscribe(): void }
  readonly signal: AbortSignal

  constructor(participant: Participant, attention: Attention, ended: AbortSignal) {
    this.signal = AbortSignal.any([ended, this.#stopping.signal])
    let looked = 0
    this.#line = participant.state$.subscribe(({ unseen }) => {
      if (unseen === 0 || this.by) return
      for (const message of participant.state.inbox.unseen) {
        if (message.seq <= looked) continue
        looked = message.seq
        if (!claims(attention, message, participant.name)) continue
        this.by = message
        this.#stopping.abort()
        return
      }
    })
  }

  /** Listens no more. */
  end(): void {
    this.#line.unsubscribe()
  }
}
