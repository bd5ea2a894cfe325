/** One thing that the seed's server said. */
export type LegacyEvent =
  | { readonly type: 'message'; readonly sender: string; readonly content: string }
  | { readonly type: 'presence'; readonly sender: string; readonly present: boolean }

/** Who announces joins and leaves. A user of that name cannot be told from it. */
export const SERVER_NAME = 'Server'

const JOINED = ' has joined the chat'
const LEFT = ' has left the chat'

/**
 * What an event's data says: an array of `{sender, content, timestamp}`. What is not that is left out, never an error.
 * Lone surrogates become U+FFFD; the time of day, which has no date and no zone, is not used.
 */
export function parseEvents(data: string): LegacyEvent[] {
  let list: unknown
  try {
    list = JSON.parse(data)
  } catch {
    return []
  }
  if (!Array.isArray(list)) return []
  const heard: LegacyEvent[] = []
  for (const entry of list as unknown[]) {
    const item = parseEntry(entry)
    if (item) heard.push(item)
  }
  return heard
}

function parseEntry(entry: unknown): LegacyEvent | undefined {
  if (typeof entry !== 'object' || entry === null || !('sender' in entry) || !('content' in entry)) return undefined
  const { sender, content } = entry
  if (typeof sender !== 'string' || typeof content !== 'string') return undefined
  if (sender !== SERVER_NAME) return { type: 'message', sender: sender.toWellFormed(), content: content.toWellFormed() }
  return parseNotice(content.toWellFormed())
}

/** Notices are never messages: joins and leaves are presence, the rest is nothing. */
function parseNotice(content: string): LegacyEvent | undefined {
  for (const [end, present] of [
    [JOINED, true],
    [LEFT, false],
  ] as const) {
    if (content.endsWith(end) && content.length > end.length) {
      return { type: 'presence', sender: content.slice(0, -end.length), present }
    }
  }
  return undefined
}
