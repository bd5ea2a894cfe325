import type { Message } from './message.ts'
import { invisible } from './names.ts'

/** Maximum messages in one answer. */
export const PAGE_MESSAGES = 100
/** Maximum characters of content in one answer, as `shownLength` counts them. A longer first message is still included. */
export const PAGE_LENGTH = 20_000

/** Length of a line break where messages are read: the break and the indent of the next line. */
const BREAK_LENGTH = 5
/** Length of an invisible character where messages are read: an escape such as `\u{e0041}`. */
const ESCAPE_LENGTH = 9

/** Returns how many of `messages`, oldest first, fit one answer. */
export function pageSize(messages: readonly Message[]): number {
  const most = Math.min(messages.length, PAGE_MESSAGES)
  let units = 0
  for (let at = 0; at < most; at++) units += messages[at]!.content.length
  if (units * ESCAPE_LENGTH <= PAGE_LENGTH) return most
  let length = 0
  for (let count = 0; count < most; count++) {
    length += shownLength(messages[count]!.content)
    if (length > PAGE_LENGTH && count > 0) return count
  }
  return most
}

/** Returns the most characters that `content` takes where it is read: its code points, with line breaks and escapes. */
export function shownLength(content: string): number {
  let length = content.length
  let mayHide = false
  for (let at = 0; at < content.length; at++) {
    const unit = content.charCodeAt(at)
    if (unit < 0x0e) length += unit > 0x09 ? BREAK_LENGTH - 1 : 0
    else if (unit < 0x80) continue
    else if (unit === 0x85 || unit === 0x2028 || unit === 0x2029) length += BREAK_LENGTH - 1
    else if (unit >= 0xdc00 && unit < 0xe000) length--
    else if (unit >= 0xad) mayHide = true
  }
  if (!mayHide) return length
  return length + (content.match(invisible)?.length ?? 0) * (ESCAPE_LENGTH - 1)
}
