import type { Message } from '../room/message.ts'

/** So many texts are kept at least, twice as many at most. */
const KEPT = 200

let newer = new Map<Message, string>()
let older = newer

/**
 * A message as JSON. What was said just now is asked for again and again, by every stream and every answer that gives it:
 * its text is made once.
 */
export function messageText(message: Message): string {
  const known = newer.get(message) ?? older.get(message)
  if (known !== undefined) return known
  const text = JSON.stringify(message)
  if (newer.size >= KEPT) {
    older = newer
    newer = new Map()
  }
  newer.set(message, text)
  return text
}
