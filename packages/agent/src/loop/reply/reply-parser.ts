import { readKeepJson } from './keep-json.ts'
import { readKeepCount } from './keep-numbers.ts'

/** Answers of a model with nothing to say: the dash that the prompt asks for, and common alternatives. */
const silencePattern =
  /^[\s"'`(*[]*(?:[-–—.…]+|silen(?:t|ce)|no (?:response|reply|comment)|nothing (?:more )?to (?:say|add))[\s"'`).*\]]*$/i

/** Whether an answer means "nothing to say". */
export const isSilence = (text: string): boolean => text.trim() === '' || silencePattern.test(text)

/** A beginning longer than this without a count is no verdict. In UTF-16 units. */
const MAX_VERDICT = 2000
/** A first line longer than this is a message, not a number. In UTF-16 units. */
const MAX_KEEP_LINE = 80
const fence = /^\s*```[\w-]*\s*$/
/** Labels that models put before a count or a continuation. */
const label =
  /^[\s*_#>]*(?:(?:sure|okay|ok)[\s,.!]*)?(?:(?:here is |here's )?(?:my |the )?(?:answer|verdict|reply|response|message|continuation|continued|continuing|rest)\s*:)?[\s*_]*$/i
/** A label in front of a continuation, in its line. Others, such as "Answer:", may be the author's own words there. */
const inlineLabel = /^[\s*_#>]*(?:my |the )?contin(?:uation|ued|uing)\s*:[\s*_]*(?=\S)/i
/** A line of a numbered list. */
const numberedLine = /^[\s*_>-]*\d{1,3}[*_]*\s*[:.)]/m
const rule = /^\s*[-*_=]{2,}\s*$/
const strictVerdict = /^[\s*_#>`]*keep[\s:=*_`]*\d{1,6}[\s.*_`]*$/i
/** The beginning of a line that may still become a verdict or a fence. */
const maybeProtocol = /^[\s*_#>`]*(?:k(?:e(?:e(?:p[\s:=*_`]*\d{0,6}[\s.*_`]*)?)?)?)?$/i

/** A number of kept parts at the beginning of a line, with text after it; and the beginning of one. */
const verdictPrefix = /^[\s*_#>`]*keep[\s:=*_`]*\d{1,6}[*_`]*\s*[.:;|–—-]\s+(?=\S)/i
const maybePrefix = /^[\s*_#>`]*(?:k(?:e(?:e(?:p[\s:=*_`]*\d{0,6}[\s*_`]*[.:;|–—-]?[\s*_`]*)?)?)?)?$/i

/** A kept part shorter than this, such as "Yes.", may be repeated on purpose. In UTF-16 units. */
const MIN_REPEAT = 20

type ReplyPart = 'keep count' | 'name' | 'repeat' | 'message'

/** Result of parsing some text of an answer. */
export interface ParsedReply {
  /** Number of parts to keep. Present once, as soon as it is known. */
  readonly keep?: number
  /** The model was asked how many parts it keeps, and the answer does not say so. No text of it belongs to the message. */
  readonly unclear?: true
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
  #mayKeep: boolean
  #buffer = ''
  #repeats: readonly string[] = []
  #part: ReplyPart
  #keep: number | undefined
  #unclear = false
  #fenced = false
  /** Whether text of the present line was taken already. */
  #midLine = false

  /**
   * `parts`: texts of the draft, when the model was asked how many to keep. `mayKeep`: it was asked so before, and may begin
   * with a number of kept parts that is not wanted.
   */
  constructor(name: string, parts?: readonly string[], mayKeep = false) {
    this.#name = `${name}:`.toLowerCase()
    this.#mayKeep = mayKeep
    this.#parts = parts
    this.#part = parts ? 'keep count' : 'name'
  }

  /** Adds streamed text and returns the message text known so far. `last`: the answer is complete. */
  feed(text: string, last = false): ParsedReply {
    if (this.#unclear) return { text: '' }
    this.#buffer += text
    const reading = this.#part === 'keep count'
    if (reading) this.#readKeepCount(last)
    if (this.#unclear) return { unclear: true, text: '' }
    const known = reading && !this.#at('keep count')
    if (this.#at('name')) this.#readName(last)
    if (this.#at('repeat')) this.#readRepeat(last)
    return { ...(known && { keep: this.#keep ?? 0 }), text: this.#at('message') ? this.#takeMessage(last) : '' }
  }

  #at(part: ReplyPart): boolean {
    return this.#part === part
  }

  /** Takes the text that can be sent. In an answer to a review, lines of the protocol are left out anywhere. */
  #takeMessage(last: boolean): string {
    if (!this.#parts) {
      const text = this.#buffer
      this.#buffer = ''
      return text
    }
    const lines = this.#buffer.split('\n')
    const tail = lines.at(-1)!
    const continuesLine = this.#midLine && lines.length === 1
    const isOpen = !last && !continuesLine && maybeProtocol.test(tail)
    const held = isOpen ? `${lines.length > 1 ? '\n' : ''}${lines.pop()!}` : ''
    const kept = lines.filter((line, at) => {
      if (at === 0 && this.#midLine) return true
      if (strictVerdict.test(line)) return false
      if (!this.#fenced || !/^\s*```\s*$/.test(line)) return true
      this.#fenced = false
      return false
    })
    this.#buffer = held
    const text = kept.join('\n')
    this.#midLine = kept.length > 0 && (this.#midLine || text !== '')
    return text
  }

  #readKeepCount(last: boolean): void {
    const all = this.#parts!
    const lines = this.#buffer.split('\n')
    let listed = 0
    this.#fenced = false
    for (const [at, raw] of lines.entries()) {
      const complete = at < lines.length - 1 || last
      const line = raw.trim().toLowerCase().startsWith(this.#name) ? raw.trim().slice(this.#name.length) : raw
      if (line.trim().startsWith('{')) {
        const json = readKeepJson(lines.slice(at).join('\n').trimStart(), all.length)
        if (json === 'open' && !last && this.#buffer.length < MAX_VERDICT) return
        if (!json || json === 'open') break
        return this.#startMessage(json.keep, `${json.text}${json.rest}`)
      }
      if (!complete && line.length <= MAX_KEEP_LINE + (this.#isListed(line) ? 400 : 0)) return
      if (line.trim() === '' || label.test(line) || rule.test(line)) continue
      if (fence.test(line)) {
        this.#fenced = !this.#fenced
        continue
      }
      if (this.#isListed(line)) {
        listed++
        continue
      }
      const inOne = /^([\s*_]*keep[\s:=*_]*\S+?[*_]*)\s*[.:;|–—-]\s+(\S.*)$/i.exec(line)
      const whole = line.length <= MAX_KEEP_LINE ? readKeepCount(line, all.length) : undefined
      const count = whole ?? (inOne ? readKeepCount(inOne[1]!, all.length) : undefined)
      if (count === undefined) break
      const after = lines.slice(at + 1).join('\n')
      return this.#startMessage(count, whole === undefined ? `${inOne![2]}${after && '\n'}${after}` : after)
    }
    if (!last && lines.length < 40 && listed > 0 && this.#isListed(lines.at(-1)!)) return
    // The last line may still be coming.
    if (
      !last &&
      lines
        .slice(0, -1)
        .every(line => line.trim() === '' || label.test(line) || fence.test(line) || this.#isListed(line)) &&
      lines.at(-1)!.length <= MAX_KEEP_LINE
    )
      return
    this.#unclear = true
  }

  #startMessage(keep: number, rest: string): void {
    this.#part = 'name'
    this.#keep = keep
    this.#buffer = rest
    const kept = this.#parts!.slice(0, keep)
    this.#repeats = kept.map((_, n) => kept.slice(n).join('').trimStart()).filter(part => part.length >= MIN_REPEAT)
  }

  /** Whether a line repeats the numbered list of the prompt, or may still become that. */
  #isListed(line: string): boolean {
    const found = /^[\s*_>-]*(\d+)[*_]*\s*[:.)]+[\s*_]*(\S.*)$/.exec(line)
    const part = found && this.#parts?.[Number(found[1]) - 1]
    if (!found || part === null || part === undefined) return false
    return part
      .trim()
      .split('\n')[0]!
      .startsWith(found[2]!.replace(/[\s*_]+$/, ''))
  }

  /** Leaves out what models write between the verdict and their message: fences, labels, rules and the list. */
  #skipPreface(last: boolean): boolean {
    for (;;) {
      const end = this.#buffer.indexOf('\n')
      const line = end < 0 ? this.#buffer : this.#buffer.slice(0, end)
      const isFence = /^\s*```(?:text|markdown|md)?\s*$/.test(line)
      const skipped = isFence || label.test(line) || rule.test(line) || strictVerdict.test(line) || this.#isListed(line)
      const possible = line.length < MAX_KEEP_LINE / 2 || this.#isListed(line)
      if (end < 0 && !last) return !possible
      if (!skipped || (end < 0 && line === '')) return true
      if (isFence) this.#fenced = !this.#fenced
      this.#buffer = end < 0 ? '' : this.#buffer.slice(end + 1)
    }
  }

  /** Leaves out unwanted numbers of kept parts. Returns false while the text may still become one. */
  #skipVerdict(last: boolean): boolean {
    for (;;) {
      const end = this.#buffer.indexOf('\n')
      const line = end < 0 ? this.#buffer : this.#buffer.slice(0, end)
      if (end < 0 && !last && line.length <= MAX_KEEP_LINE && maybePrefix.test(line)) return false
      if (line.trim() !== '' && !strictVerdict.test(line)) {
        this.#buffer = this.#buffer.replace(verdictPrefix, '')
        this.#mayKeep = false
        return true
      }
      this.#buffer = end < 0 ? '' : this.#buffer.slice(end + 1)
      if (end < 0) return true
    }
  }

  #readName(last: boolean): void {
    if (this.#mayKeep && !this.#skipVerdict(last)) return
    if (this.#parts && !this.#skipPreface(last)) return
    this.#dropLabel()
    const buffer = this.#buffer.trimStart().toLowerCase()
    if (!last && this.#name.startsWith(buffer)) return
    const named = buffer.startsWith(this.#name)
    if (named) this.#buffer = this.#buffer.trimStart().slice(this.#name.length).trimStart()
    this.#part = this.#repeats.length > 0 ? 'repeat' : 'message'
    this.#buffer = this.#buffer.trimStart()
    if (this.#buffer === '' && !last) this.#part = 'name'
  }

  /** Leaves out a label in front of a continuation: a word for it, or the number that its part has in the prompt's list. */
  #dropLabel(): void {
    const keep = this.#keep ?? 0
    if (keep === 0) return
    this.#buffer = this.#buffer.replace(inlineLabel, '')
    // Where the author itself wrote a list, the number may be its next one.
    if (numberedLine.test(this.#parts!.join('\n'))) return
    const [number] = /^\s*\d+:\s+(?=\S)/.exec(this.#buffer) ?? []
    if (number !== undefined && Number.parseInt(number, 10) === keep + 1)
      this.#buffer = this.#buffer.slice(number.length)
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

/** Cuts a text before the first line that begins with one of `names` and a colon. */
export function cutAtOtherName(text: string, names: readonly string[], atLineStart: boolean): string {
  let from = 0
  for (const line of text.split('\n')) {
    const start = line.trimStart().toLowerCase()
    const isOther = names.some(name => start.startsWith(`${name.toLowerCase()}:`))
    if (isOther && (from > 0 || atLineStart)) return text.slice(0, from).trimEnd()
    from += line.length + 1
  }
  return text
}

const verdict = /\s*\(?\b(?:I )?KEEP\s*[:=]?\s*(?:-?\d+(?:\.\d+)?|half|all|none|[IVX]+)\b(?:\s+parts?\b)?[.,:;)]*/g

/** Removes what tells how many parts are kept, such as `(KEEP 2)`, from a later part of an answer. */
export const withoutVerdict = (text: string): string => {
  const left = text.replace(verdict, '')
  return left === text ? text : left.trim() === '' ? '' : left
}
