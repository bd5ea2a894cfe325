const names = ['think', 'thinking', 'thought', 'thoughts', 'reasoning', 'scratchpad', 'seed:think', 'tool_call']
const spellings = (name: string) => [name, name.toUpperCase(), name[0]!.toUpperCase() + name.slice(1)]
const around = (mark: (name: string) => string) => names.flatMap(spellings).map(mark)

/**
 * What begins and ends reasoning in the text of local models, as their chat templates have it: tags of the names above, and
 * those of Mistral, Kimi, OpenThinker and gpt-oss. The others are marks of an end, which some endpoints pass on.
 */
const marks: Readonly<Record<'open' | 'close' | 'none', readonly string[]>> = {
  open: [
    ...around(name => `<${name}>`),
    '[THINK]',
    '◁think▷',
    '<|begin_of_thought|>',
    '<|channel|>analysis<|message|>',
    '<|channel|>commentary<|message|>',
  ],
  close: [
    ...around(name => `</${name}>`),
    '[/THINK]',
    '◁/think▷',
    '<|end_of_thought|>',
    '<|start|>assistant<|channel|>final<|message|>',
    '<|channel|>final<|message|>',
  ],
  none: ['<|im_end|>', '<|eot_id|>', '<|end|>', '<|return|>', '<|endoftext|>', '</s>'],
}
type Kind = keyof typeof marks

const kindOf = new Map(
  Object.entries(marks).flatMap(([kind, texts]) => texts.map(text => [text, kind as Kind] as const)),
)
const escaped = (text: string) => text.replace(/[[\]|/]/g, '\\$&').replace(/>$/, '\\s*>')
/** A mark. One after a backtick is quoted. */
const MARK = new RegExp(`(?<!\`)(?:${[...kindOf.keys()].map(escaped).join('|')})`)
const LONGEST = Math.max(...[...kindOf.keys()].map(({ length }) => length)) + 2

/** Returns the end of `text` that may be the beginning of a mark, or of a quoted one. */
function beginningOfMark(text: string): string {
  for (let from = Math.max(0, text.length - LONGEST); from < text.length; from++) {
    const end = text.slice(from)
    const plain = end.replace(/^`/, '').replace(/\s+$/, '')
    if (plain === '' ? end === '`' : [...kindOf.keys()].some(mark => mark.startsWith(plain))) return end
  }
  return ''
}

/** Text of a model without its reasoning. */
export interface FilteredText {
  /** Text of the answer. */
  readonly text: string
  /** A closing mark without an opening one: all earlier text of the answer was reasoning too. */
  readonly restart: boolean
}

/**
 * Removes reasoning from streamed text: what is between `<think>` and `</think>`, also across chunks, and everything before a
 * closing mark without an opening one, as models write it whose prompt ends with the opening mark. A model that has done so
 * before (`startsInside`) begins each answer within its reasoning: without any mark the whole answer is given at its end.
 */
export class ReasoningFilter {
  #rest = ''
  #inside: boolean
  /** Text that is an answer if no mark comes; undefined after the first mark, and where reasoning is not assumed. */
  #held: string | undefined
  /** White space between reasoning and the answer is dropped. */
  #trims = false

  constructor(startsInside = false) {
    this.#inside = startsInside
    this.#held = startsInside ? '' : undefined
  }

  /** Whether the text is within reasoning. */
  get isInside(): boolean {
    return this.#inside
  }

  /** Whether no mark has shown yet that the text is within reasoning. */
  get isAssumed(): boolean {
    return this.#held !== undefined
  }

  /** Adds streamed text. `last`: the answer is complete, so that the beginning of a mark at its end is text. */
  feed(chunk: string, last = false): FilteredText {
    let open = this.#rest + chunk
    let text = ''
    let restart = false
    for (let mark = MARK.exec(open); mark; mark = MARK.exec(open)) {
      const before = open.slice(0, mark.index)
      const kind = kindOf.get(mark[0].replace(/\s+>$/, '>'))
      if (this.#held !== undefined) {
        this.#held += before
        if (kind === 'open' && this.#held.trim() !== '') text += this.#held
        if (kind !== 'none') this.#held = undefined
      } else if (!this.#inside && kind === 'close') {
        text = ''
        restart = true
      } else if (!this.#inside) text += this.#trimmed(before)
      open = open.slice(mark.index + mark[0].length)
      if (kind !== 'none') this.#inside = kind === 'open'
      this.#trims ||= kind === 'close'
    }
    this.#rest = last ? '' : beginningOfMark(open)
    const more = open.slice(0, open.length - this.#rest.length)
    if (this.#held !== undefined) this.#held += more
    else if (!this.#inside) text += this.#trimmed(more)
    if (last && this.#held !== undefined) {
      text += this.#held
      this.#held = undefined
      this.#inside = false
    }
    return { text, restart }
  }

  #trimmed(text: string): string {
    if (!this.#trims) return text
    const trimmed = text.trimStart()
    this.#trims = trimmed === ''
    return trimmed
  }
}
