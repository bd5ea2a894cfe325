import type { Message } from '../room/message.ts'

/** Cached texts: at least this many, at most twice as many. */
const CACHE_SIZE = 200

let newer = new Map<Message, string>()
let older = newer

/** Returns a message as JSON. Cached, since every stream and answer that gives a recent message needs the same text. */
export function messageText(message: Message): string {
  const cached = newer.get(message) ?? older.get(message)
  if (cached !== undefined) return cached
  const text = JSON.stringify(message)
  if (newer.size >= CACHE_SIZE) {
    older = newer
    newer = new Map()
  }
  newer.set(message, text)
  return text
}
