import { codePoints, colonLike, invisible, type Message, quotedName, truncate } from '@midsentence/core'

/** Longest shown text of one message or draft, in characters. The text of a tool has room for it and for all that goes with it. */
export const MAX_SHOWN_TEXT = 24_000
/** Longest shown name, in characters: no valid name is longer. */
const MAX_SHOWN_NAME = 64
/** Longest shown line, such as the sentence of an error, in characters. */
const MAX_SHOWN_LINE = 2_000

/** Every line break that Unicode, terminals or the standard library of a language knows. */
const lineBreak = /\r\n|[\n\r\v\f\u0085\u2028\u2029]/g
/** C0 without tab, DEL, C1, separators of lines, and bidi controls. A tab only moves to the right, within its line. */
const control = /[\0-\x08\x0a-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/g
/** The start or end of a name that looks like an indent, like our `* `, or like nothing. */
const edges = /^[\s*]+|\s+$/g
const replacement = '\ufffd'
const indent = '    '

const hiddenClass = String.raw`\p{Default_Ignorable_Code_Point}\ufff9-\ufffc\u{13441}\u{13442}\u{16fe4}\u{1d159}`
/** Characters that do not show in a content, as `invisible` of core, but for the blank of Braille. */
const hidden = new RegExp(`[${hiddenClass}]`, 'u')
/**
 * Matches, in this order: the flags of England, Scotland and Wales, which are tag characters; a variation selector of emoji, a
 * joiner or a Mongolian selector after a character that shows, which emoji and scripts need; any other hidden character.
 */
const hiddenOrNeeded = new RegExp(
  String.raw`(\u{1f3f4}\u{e0067}\u{e0062}(?:\u{e0065}\u{e006e}\u{e0067}|\u{e0073}\u{e0063}\u{e0074}|\u{e0077}\u{e006c}\u{e0073})\u{e007f}` +
    String.raw`|(?<=[^\s${hiddenClass}])(?:[\ufe0e\ufe0f][\u200c\u200d]?|[\u200c\u200d\u180b-\u180d\u180f]))|[${hiddenClass}]`,
  'gu',
)

/** Writes characters that do not show, such as tag characters, as `\u{e0041}`: a model would read what no person sees. */
export const withoutHidden = (text: string): string =>
  hidden.test(text)
    ? text.replace(
        hiddenOrNeeded,
        (found: string, needed?: string) => needed ?? `\\u{${found.codePointAt(0)!.toString(16)}}`,
      )
    : text

const withoutControls = (line: string): string => withoutHidden(line.replace(control, replacement))

/** Splits a text into lines that are safe to show. Of empty lines in a row one is left. Returns at least one line. */
function linesOf(text: string): string[] {
  const lines = text.split(lineBreak).map(withoutControls)
  return lines.length < 3 ? lines : lines.filter((line, at) => line.trim() !== '' || lines[at - 1]?.trim() !== '')
}

/** Joins a text into one line, for use inside a sentence or a row. At most 2,000 characters. */
export const inLine = (text: string): string => shortened(linesOf(text).join(' '), MAX_SHOWN_LINE, '…').text

/** Makes a text of several lines safe to print. Its line feeds stay; other line breaks are controls. */
export const printable = (text: string): string => text.split('\n').map(withoutControls).join('\n')

/** Indents every line of a text, and cuts it to `limit` characters. `left`: how many are left out. */
export const indented = (text: string, limit = MAX_SHOWN_TEXT): ShortenedText =>
  shortened(indent + linesOf(text).join(`\n${indent}`), limit)

/** Returns a sender's name, with characters replaced that would let it look like anything else. */
export const shownName = (name: string): string =>
  shortened(
    name
      .replace(lineBreak, replacement)
      .replace(control, replacement)
      .replace(invisible, replacement)
      .replaceAll('\t', replacement)
      .replace(colonLike, replacement)
      .replace(edges, found => replacement.repeat(found.length)) || replacement,
    MAX_SHOWN_NAME,
    '…',
  ).text

/** Returns a sender's name for use inside a sentence: in quotation marks, since a name can contain a sentence. */
export const nameInSentence = (name: string): string => quotedName(shownName(name))

/**
 * Renders messages for a model or a person, one per line: `ChatGPT: anyone here?`. Further lines of a content are indented,
 * controls other than a tab become U+FFFD, and hidden characters are escaped, so that no message can look like a message of
 * another sender. A content above 24,000 characters is cut, and a sentence after it says so: no message cuts another.
 */
export const renderMessages = (messages: readonly Message[]): string => messages.map(renderMessage).join('\n')

function renderMessage({ sender_id, content }: Message): string {
  const { text, left } = shortened(linesOf(content).join(`\n${indent}`), MAX_SHOWN_TEXT)
  const line = `${shownName(sender_id)}: ${text}`
  return left === 0
    ? line
    : `${line}\n* This message is longer: ${left} more characters are not shown. Ask ${nameInSentence(sender_id)} for the rest if you need it.`
}

/** A text, and how many of its characters are left out. */
interface ShortenedText {
  readonly text: string
  readonly left: number
}

/** Cuts `text` to `limit` characters, the last of which is `mark`. */
function shortened(text: string, limit: number, mark = ''): ShortenedText {
  const length = text.length <= limit ? 0 : codePoints(text)
  if (length <= limit) return { text, left: 0 }
  const kept = truncate(text, limit - mark.length)
  return { text: kept + mark, left: length - codePoints(kept) }
}
