import type { Message } from '@midsentence/core'
import type { Violation } from './simulation-context.ts'

/** Finds texts that appear in the log more than once. Each text is appended once, so no segment may be sent twice. */
export function* repeatedTexts(log: readonly Message[]): Generator<Violation> {
  const seen = new Map<string, Message>()
  for (const message of log) {
    for (const text of message.content.split(';').slice(0, -1)) {
      const before = seen.get(text)
      if (before) {
        const what = `${JSON.stringify(text)} is in message ${before.seq} and again in message ${message.seq}.`
        yield { rule: 'P4', what }
      }
      seen.set(text, message)
    }
  }
}
