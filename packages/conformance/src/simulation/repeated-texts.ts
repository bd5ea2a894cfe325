import type { LoggedMessage } from './logged-message.ts'
import type { Violation } from './simulation-context.ts'

/**
 * Finds texts that a session sent more than once. Each text is appended once, so no segment may be sent twice. A local draft
 * is sent again by another session if its author cannot know whether the lost session had sent it.
 */
export function* repeatedTexts(log: readonly LoggedMessage[]): Generator<Violation> {
  const seen = new Map<string, LoggedMessage>()
  for (const message of log) {
    for (const text of message.content.split(';').slice(0, -1)) {
      const before = seen.get(text)
      if (before?.session === message.session) {
        const what = `${JSON.stringify(text)} is in message ${before.seq} and again in message ${message.seq}.`
        yield { rule: 'P4', what }
      }
      seen.set(text, message)
    }
  }
}
