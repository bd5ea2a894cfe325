/** Answers of a model with nothing to say: the dash that the prompt asks for, and common alternatives. */
const silencePattern =
  /^[\s"'(*[]*(?:[-–—.…]+|silen(?:t|ce)|no (?:response|reply|comment)|nothing to (?:say|add))[\s"').*\]]*$/i

/** Whether an answer means "nothing to say". */
export const isSilence = (text: string): boolean => text.trim() === '' || silencePattern.test(text)

/** First line of a review: how many parts to keep. */
const keepCountPattern =
  /^[\s"'*#([]*(?:i )?(?:keep(?:ing)?\s*:?\s*)?(\d{1,6}|all|none)\s*(?:of \d+|parts?)?[\s"'*.:)\]]*$/i
/** A first line longer than this is a message, not a number. In UTF-16 units. */
const MAX_KEEP_LINE = 40
/** A kept part shorter than this, such as "Yes.", may be repeated on purpose. In UTF-16 units. */
const MIN_REPEAT = 20

type ReplyPart = 'keep count' | 'name' | 'repeat' | 'message'

/** Result of parsing some text of an answer. */
export interface ParsedReply {
  /** Number of parts to keep. Present once, as soon as it is known. */
  readonly keep?: number
  /** Text that belongs to the message. */
  readonly text: string
}

/**
 * Parses the beginning of a streamed answer. Removes what is not part of the message: the number of kept parts, the
 * model's own name in front, and kept parts that the model repeats.
 */
export class ReplyParser {
  readonly #name: string
  readonly #parts: readonly string[] | undefined
  #buffer = ''
  #repeats: readonly string[] = []
  #part: ReplyPart
  #keep: number | undefined

  /** `parts`: texts of the draft, when the model was asked how many to keep. */
  constructor(name: string, parts?: readonly string[]) {
    this.#name = `${name}:`.toLowerCase()
    this.#parts = parts
    this.#part = parts ? 'keep count' : 'name'
  }

  /** Adds streamed text and returns the message text known so far. `last`: the answer is complete. */
  feed(text: string, last = false): ParsedReply {
    if (this.#part === 'message') return { text }
    this.#buffer += text
    const reading = this.#part === 'keep count'
    if (reading) this.#readKeepCount(last)
    const known = reading && !this.#at('keep count')
    if (this.#at('name')) this.#readName(last)
    if (this.#at('repeat')) this.#readRepeat(last)
    return { ...(known && { keep: this.#keep ?? 0 }), text: this.#at('message') ? this.#takeBuffer() : '' }
  }

  #at(part: ReplyPart): boolean {
    return this.#part === part
  }

  #takeBuffer(): string {
    const text = this.#buffer
    this.#buffer = ''
    return text
  }

  #readKeepCount(last: boolean): void {
    const buffer = this.#buffer.trimStart()
    const end = buffer.indexOf('\n')
    if (end < 0 && !last && buffer.length < MAX_KEEP_LINE) return
    const found = keepCountPattern.exec(end < 0 ? buffer : buffer.slice(0, end))
    this.#part = 'name'
    if (!found) return
    const count = found[1]!.toLowerCase()
    const all = this.#parts!.length
    this.#keep = count === 'all' ? all : count === 'none' ? 0 : Math.min(Number(count), all)
    this.#buffer = end < 0 ? '' : buffer.slice(end + 1)
    const kept = this.#parts!.slice(0, this.#keep)
    this.#repeats = kept.map((_, n) => kept.slice(n).join('').trimStart()).filter(part => part.length >= MIN_REPEAT)
  }

  #readName(last: boolean): void {
    const buffer = this.#buffer.trimStart().toLowerCase()
    if (!last && this.#name.startsWith(buffer)) return
    const named = buffer.startsWith(this.#name)
    if (named) this.#buffer = this.#buffer.trimStart().slice(this.#name.length).trimStart()
    this.#part = this.#repeats.length > 0 ? 'repeat' : 'message'
    this.#buffer = this.#buffer.trimStart()
    if (this.#buffer === '' && !last) this.#part = 'name'
  }

  /** Waits while the text may still become a repeated part, and removes that part. */
  #readRepeat(last: boolean): void {
    const buffer = this.#buffer.trimStart()
    const whole = this.#repeats.find(part => buffer.startsWith(part))
    if (!last && this.#repeats.some(part => part !== buffer && part.startsWith(buffer))) return
    this.#part = 'message'
    if (whole === undefined) return
    this.#buffer = buffer.slice(whole.length)
    this.#repeats = []
    this.#part = 'name'
    this.#readName(last)
  }
}

/** Scripts without spaces between words. */
const spacelessScript = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}]/u

/** Returns the space to insert between kept parts and their continuation, or "". */
export function separatorBetween(kept: string, text: string): '' | ' ' {
  const [end, start] = [kept.slice(-1), text.slice(0, 1)]
  if (end === '' || start === '' || /\s/.test(end) || /[\s.,;:!?…)\]”’]/.test(start)) return ''
  return spacelessScript.test(end) || spacelessScript.test(start) ? '' : ' '
}

/** A shorter rest of a sentence is dropped. In UTF-16 units. */
const MIN_REMAINDER = 12

/** Removes the last word of an aborted answer, which may be incomplete. Returns "" for a very short rest. */
export function trimPartialWord(text: string): string {
  const whole = text.replace(/(?<=\S)\s+[^\s.!?…,;:]{1,40}$/u, '')
  return whole.trim().length < MIN_REMAINDER ? '' : whole
}
