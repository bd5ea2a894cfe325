import type { TaskMessage } from './scenario.ts'

/** Returns a text without the marks of Markdown and with single spaces, as facts are looked for in it. */
export const plain = (text: string): string =>
  text
    .replace(/[*_`#>~]/g, '')
    .replace(/\s+/g, ' ')
    .trim()

/** Returns the groups of the first match in each message that has one, with the message, in their order. */
export const findFacts = (messages: readonly TaskMessage[], pattern: RegExp) =>
  messages.flatMap(message => {
    const found = pattern.exec(plain(message.content))
    return found ? [{ ...message, found: found.slice(1) }] : []
  })
