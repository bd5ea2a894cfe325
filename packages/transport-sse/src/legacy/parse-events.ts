/** An event of the Python server. */
export type LegacyEvent =
  | { readonly type: 'message'; readonly sender: string; readonly content: string }
  | { readonly type: 'presence'; readonly sender: string; readonly present: boolean }

/** The sender of join and leave notices. A user of that name could not be told apart. */
export const SERVER_NAME = 'Server'

const JOINED = ' has joined the chat'
const LEFT = ' has left the chat'

/**
 * Parses an event's data: an array of `{sender, content, timestamp}`. Skips malformed entries and never throws. Lone
 * surrogates become U+FFFD. Ignores the timestamp, which has neither date nor zone.
 */
export function parseEvents(data: string): LegacyEvent[] {
  let list: unknown
  try {
    list = JSON.parse(data)
  } catch {
    return []
  }
  if (!Array.isArray(list)) return []
  const events: LegacyEvent[] = []
  for (const entry of list as unknown[]) {
    const item = parseEntry(entry)
    if (item) events.push(item)
  }
  return events
}

function parseEntry(entry: unknown): LegacyEvent | undefined {
  if (typeof entry !== 'object' || entry === null || !('sender' in entry) || !('content' in entry)) return undefined
  const { sender, content } = entry
  if (typeof sender !== 'string' || typeof content !== 'string') return undefined
  if (sender !== SERVER_NAME) return { type: 'message', sender: sender.toWellFormed(), content: content.toWellFormed() }
  return parseNotice(content.toWellFormed())
}

/** Parses a notice of the server: joins and leaves are presence, others are skipped. */
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
