/** Where a segment may end: behind a sentence, with its closing quotes, or before a line break. */
const boundary = /[.!?…]+["'”’»)\]]*(?=\s)|[。！？]+[」』”’）]*|(?=\n)/gu
/** Shorter beginnings, as "1." or "Dr.", go on. */
const MIN_SEGMENT = 12
/** A sentence that is longer than this is cut at a space, one without a space at twice of it. In UTF-16 units. */
const MAX_SEGMENT = 300

/**
 * Cuts a stream of text into segments at the ends of sentences. Segments joined by nothing are the text; a space between
 * two belongs to the second, so that taking that one back leaves a whole message.
 */
export class SentenceSegmenter {
  #rest = ''

  /** Takes in what came next, and gives the segments that are complete by now. */
  feed(text: string): string[] {
    this.#rest += text
    const segments: string[] = []
    for (let end = this.#end(); end > 0; end = this.#end()) {
      segments.push(this.#rest.slice(0, end))
      this.#rest = this.#rest.slice(end)
    }
    return segments
  }

  /** What is left when the stream ends or is stopped: "" or a last segment, without half of a surrogate pair. */
  end(): string {
    const rest = this.#rest.replace(/[\ud800-\udbff]$/, '').trimEnd()
    this.#rest = ''
    return rest
  }

  #end(): number {
    const rest = this.#rest
    const start = rest.length - rest.trimStart().length
    boundary.lastIndex = start + MIN_SEGMENT
    const found = boundary.exec(rest)
    const end = found ? found.index + found[0].length : -1
    if (end > 0 && end <= MAX_SEGMENT + start) return end
    if (rest.length <= MAX_SEGMENT + start) return -1
    const space = rest.lastIndexOf(' ', MAX_SEGMENT + start)
    if (space > start + MIN_SEGMENT) return space
    if (rest.length <= 2 * MAX_SEGMENT + start) return -1
    const cut = 2 * MAX_SEGMENT + start
    return /[\ud800-\udbff]/.test(rest[cut - 1]!) ? cut - 1 : cut
  }
}
