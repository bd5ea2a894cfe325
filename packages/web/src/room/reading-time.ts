import type { Message } from '@midsentence/core'

/** Time to notice a message, and to read a character of it, in milliseconds. */
const [NOTICE_MS, CHARACTER_MS] = [1500, 30]
const MAX_READING_MS = 12_000

/**
 * Returns how long messages have to be on screen before they count as read while their reader writes, in milliseconds. A push
 * before that is held, since its author cannot have read them.
 */
export const readingTime = (messages: readonly Pick<Message, 'content'>[]): number =>
  Math.min(NOTICE_MS + CHARACTER_MS * messages.reduce((sum, { content }) => sum + content.length, 0), MAX_READING_MS)
