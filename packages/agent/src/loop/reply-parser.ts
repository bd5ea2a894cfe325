/** What a model answers that has nothing to say: the dash it was told of, or what others say instead. */
const silencePattern =
  /^[\s"'(*[]*(?:[-–—.…]+|silen(?:t|ce)|no (?:response|reply|comment)|nothing to (?:say|add))[\s"').*\]]*$/i

/** Says it nothing, in so many words? */
export const isSilence = (text: string): boolean => text.trim() === '' || silencePattern.test(text)

/** The first line of who was asked how much it stands by. */
const keepCountPattern =
  /^[\s"'*#([]*(?:i )?(?:keep(?:ing)?\s*:?\s*)?(\d{1,6}|all|none)\s*(?:of \d+|parts?)?[\s"'*.:)\]]*$/i
/** Whoever has not come to the end of the first line by then writes a message, not a number. */
const MAX_KEEP_LINE = 40
/** Parts shorter than this may be said again on purpose, as "Yes." In UTF-16 units. */
const MIN_REPEAT = 20

type ReplyStage = 'verdict' | 'name' | 'repeat' | 'message'

/** What the beginning of an answer says: how many parts are kept, where it was asked that. */
export interface ParsedReply {
  /** Absent while it is not known, or was not asked. */
  readonly keep?: number
  /** The text of the message that may go on from here. */
  readonly text: string
}

/**
 * The beginning of an answer that comes in bit by bit: what is no part of the message is taken from it. That is the number
 * of parts that are kept, a name in front, and parts that are kept and said once more all the same.
 */
export class ReplyParser {
  readonly #name: string
  readonly #parts: readonly string[] | undefined
  #held = ''
  #repeats: readonly string[] = []
  #stage: ReplyStage
  #keep: number | undefined

  /** `parts`: what was written before, where the model was asked how much of it stays. */
  constructor(name: string, parts?: readonly string[]) {
    this.#name = `${name}:`.toLowerCase()
    this.#parts = parts
    this.#stage = parts ? 'verdict' : 'name'
  }

  /** Takes in what came next; gives what is known by now to be the message's. `last`: nothing more will come. */
  feed(text: string, last = false): ParsedReply {
    if (this.#stage === 'message') return { text }
    this.#held += text
    const asked = this.#stage === 'verdict'
    if (asked) this.#readVerdict(last)
    const known = asked && !this.#at('verdict')
    if (this.#at('name')) this.#readName(last)
    if (this.#at('repeat')) this.#readRepeat(last)
    return { ...(known && { keep: this.#keep ?? 0 }), text: this.#at('message') ? this.#taken() : '' }
  }

  #at(stage: ReplyStage): boolean {
    return this.#stage === stage
  }

  #taken(): string {
    const text = this.#held
    this.#held = ''
    return text
  }

  #readVerdict(last: boolean): void {
    const held = this.#held.trimStart()
    const end = held.indexOf('\n')
    if (end < 0 && !last && held.length < MAX_KEEP_LINE) return
    const found = keepCountPattern.exec(end < 0 ? held : held.slice(0, end))
    this.#stage = 'name'
    if (!found) return
    const said = found[1]!.toLowerCase()
    const all = this.#parts!.length
    this.#keep = said === 'all' ? all : said === 'none' ? 0 : Math.min(Number(said), all)
    this.#held = end < 0 ? '' : held.slice(end + 1)
    const kept = this.#parts!.slice(0, this.#keep)
    this.#repeats = kept.map((_, n) => kept.slice(n).join('').trimStart()).filter(part => part.length >= MIN_REPEAT)
  }

  #readName(last: boolean): void {
    const held = this.#held.trimStart().toLowerCase()
    if (!last && this.#name.startsWith(held)) return
    const named = held.startsWith(this.#name)
    if (named) this.#held = this.#held.trimStart().slice(this.#name.length).trimStart()
    this.#stage = this.#repeats.length > 0 ? 'repeat' : 'message'
    this.#held = this.#held.trimStart()
    if (this.#held === '' && !last) this.#stage = 'name'
  }

  /** Waits as long as it may still become a part that was kept, and takes that away. */
  #readRepeat(last: boolean): void {
    const held = this.#held.trimStart()
    const whole = this.#repeats.find(part => held.startsWith(part))
    if (!last && this.#repeats.some(part => part !== held && part.startsWith(held))) return
    this.#stage = 'message'
    if (whole === undefined) return
    this.#held = held.slice(whole.length)
    this.#repeats = []
    this.#stage = 'name'
    this.#readName(last)
  }
}

/** Scripts that are written without spaces between words. */
const spacelessScript = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}]/u

/** What stands between parts that were kept and a text that goes on from there. */
export function separatorBetween(kept: string, text: string): '' | ' ' {
  const [end, start] = [kept.slice(-1), text.slice(0, 1)]
  if (end === '' || start === '' || /\s/.test(end) || /[\s.,;:!?…)\]”’]/.test(start)) return ''
  return spacelessScript.test(end) || spacelessScript.test(start) ? '' : ' '
}

/** Less than this of a sentence is not worth asking about. In UTF-16 units. */
const MIN_REMAINDER = 12

/**
 * What is left of a generation that was stopped anywhere, without the word at its end, which may not be whole: "" where
 * that is next to nothing.
 */
export function trimPartialWord(text: string): string {
  const whole = text.replace(/(?<=\S)\s+[^\s.!?…,;:]{1,40}$/u, '')
  return whole.trim().length < MIN_REMAINDER ? '' : whole
}
