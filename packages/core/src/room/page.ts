import { codePoints } from '../draft/truncate.ts'
import type { Message } from './message.ts'

/** An answer carries at most so many messages … */
export const PAGE_MESSAGES = 100
/** … and so many code points of content, but at least one message. */
export const PAGE_LENGTH = 20_000

/** How many of `messages`, oldest first, fit one page of an answer. */
export function pageSize(messages: readonly Message[]): number {
  let length = 0
  const most = Math.min(messages.length, PAGE_MESSAGES)
  for (let count = 0; count < most; count++) {
    length += codePoints(messages[count]!.content)
    if (length > PAGE_LENGTH && count > 0) return count
  }
  return most
}
