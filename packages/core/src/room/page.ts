import { codePoints } from '../draft/truncate.ts'
import type { Message } from './message.ts'

/** Maximum messages in one answer. */
export const PAGE_MESSAGES = 100
/** Maximum code points of content in one answer. A longer first message is still included. */
export const PAGE_LENGTH = 20_000

/** Returns how many of `messages`, oldest first, fit one answer. */
export function pageSize(messages: readonly Message[]): number {
  let length = 0
  const most = Math.min(messages.length, PAGE_MESSAGES)
  for (let count = 0; count < most; count++) {
    length += codePoints(messages[count]!.content)
    if (length > PAGE_LENGTH && count > 0) return count
  }
  return most
}
