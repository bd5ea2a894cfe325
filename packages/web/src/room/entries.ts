import type { Message, Seq } from '@midsentence/core'

/** One row of the conversation. */
export type ConversationRow =
  | { readonly kind: 'message'; readonly key: string; readonly message: Message }
  | { readonly kind: 'notice'; readonly key: string; readonly text: string; readonly newRoom: boolean }

/** The most rows that stay in memory. */
export const MAX_ENTRIES = 5000

/** Appends rows; above the limit the oldest tenth goes. */
export function appendEntries(
  entries: readonly ConversationRow[],
  added: readonly ConversationRow[],
): readonly ConversationRow[] {
  const all = [...entries, ...added]
  return all.length <= MAX_ENTRIES ? all : all.slice(-Math.floor(MAX_ENTRIES * 0.9))
}

/**
 * Returns the index of the first message of another participant with a seq above `base`, or -1. Messages of an earlier room,
 * whose seqs mean nothing now, are not looked at.
 */
export function firstAbove(entries: readonly ConversationRow[], base: Seq, name: string): number {
  let found = -1
  for (let at = entries.length - 1; at >= 0; at--) {
    const entry = entries[at]!
    if (entry.kind === 'notice') {
      if (entry.newRoom) break
      continue
    }
    if (entry.message.seq <= base) break
    if (entry.message.sender_id !== name) found = at
  }
  return found
}

/** Returns the messages of others with a seq above `base`, oldest first. */
export function messagesAbove(entries: readonly ConversationRow[], base: Seq, name: string): readonly Message[] {
  const from = firstAbove(entries, base, name)
  if (from < 0) return []
  return entries
    .slice(from)
    .flatMap(entry => (entry.kind === 'message' && entry.message.sender_id !== name ? [entry.message] : []))
}
