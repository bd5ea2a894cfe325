/** One thing that the seed's server said. */
export type Heard =
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
export function heardIn(data: string): Heard[] {
  let list: unknown
  try {
    list = JSON.parse(data)
  } catch {
    return []
  }
  if (!Array.isArray(list)) return []
  const heard: Heard[] = []
  for (const entry of list as unknown[]) {
    const item = heardOf(entry)
    if (item) heard.push(item)
  }
  return heard
}

function heardOf(entry: unknown): Heard | undefined {
  if (typeof entry !== 'object' || entry === null || !('sender' in entry) || !('content' in entry)) return undefined
  const { sender, content } = entry
  if (typeof sender !== 'string' || typeof content !== 'string') return undefined
  if (sender !== SERVER_NAME) return { type: 'message', sender: sender.toWellFormed(), content: content.toWellFormed() }
  return noticeOf(content.toWellFormed())
}

/** Notices are never messages: joins and leaves are presence, the rest is nothing. */
function noticeOf(content: string): Heard | undefined {
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
