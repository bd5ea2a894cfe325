/** Where a segment may end: after a sentence and its closing quotes, or before a line break. */
const boundary = /[.!?…]+["'”’»)\]]*(?=\s)|[。！？]+[」』”’）]*|(?=\n)/gu
/** Shortest segment, so that "1." or "Dr." does not end one. In UTF-16 units. */
const MIN_SEGMENT = 12
/** Longest sentence: a longer one is cut at a space, or at twice this length without one. In UTF-16 units. */
const MAX_SEGMENT = 300

/**
 * Cuts a stream of text into segments at the ends of sentences. The concatenated segments are the text. A space between
 * two segments belongs to the second, so that an undo leaves no trailing space.
 */
export class SentenceSegmenter {
  #rest = ''

  /** Adds text and returns the segments that are now complete. */
  feed(text: string): string[] {
    this.#rest += text
    const segments: string[] = []
    for (let end = this.#end(); end > 0; end = this.#end()) {
      segments.push(this.#rest.slice(0, end))
      this.#rest = this.#rest.slice(end)
    }
    return segments
  }

  /** Returns the rest at the end of the stream, or "". Drops half of a surrogate pair. */
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
