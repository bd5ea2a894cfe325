/** Names of the tags around reasoning that local models write into their text. */
const TAG = /<(\/?)(?:think|thinking|thought|reasoning)>/i
/** Longest beginning of a tag, which a chunk may end with. */
const TAG_START = /<\/?[a-z]{0,9}$/i

/** Text of a model without its reasoning. */
export interface FilteredText {
  /** Text of the answer. */
  readonly text: string
  /** A closing tag without an opening one: all earlier text of the answer was reasoning too. */
  readonly restart: boolean
}

/**
 * Removes reasoning from streamed text: what is between `<think>` and `</think>`, also across chunks, and everything before a
 * closing tag without an opening one, as models write it whose prompt ends with the opening tag.
 */
export class ReasoningFilter {
  #rest = ''
  #inside = false
  /** White space between reasoning and the answer is dropped. */
  #trims = false

  /** Whether the text is within reasoning. */
  get isInside(): boolean {
    return this.#inside
  }

  /** Adds streamed text. `last`: the answer is complete, so that the beginning of a tag at its end is text. */
  feed(chunk: string, last = false): FilteredText {
    let open = this.#rest + chunk
    let text = ''
    let restart = false
    for (let tag = TAG.exec(open); tag; tag = TAG.exec(open)) {
      const before = open.slice(0, tag.index)
      const closes = tag[1] === '/'
      if (!this.#inside && !closes) text += this.#trimmed(before)
      if (!this.#inside && closes) {
        text = ''
        restart = true
      }
      open = open.slice(tag.index + tag[0].length)
      this.#inside = !closes
      this.#trims ||= closes
    }
    this.#rest = last ? '' : (TAG_START.exec(open)?.[0] ?? '')
    if (!this.#inside) text += this.#trimmed(open.slice(0, open.length - this.#rest.length))
    return { text, restart }
  }

  #trimmed(text: string): string {
    if (!this.#trims) return text
    const trimmed = text.trimStart()
    this.#trims = trimmed === ''
    return trimmed
  }
}
