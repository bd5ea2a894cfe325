import type { TaskMessage } from './scenario.ts'

/** Returns a text without the marks of Markdown and with single spaces. Lines stay. */
export const plain = (text: string): string =>
  text
    .replace(/[*_`#>~]/g, '')
    .replace(/[^\S\n]+/g, ' ')
    .trim()

const plainContents = new WeakMap<TaskMessage, string>()

/** The same as `plain`. Plans look for the facts of a message many times. */
function plainContent(message: TaskMessage): string {
  const known = plainContents.get(message)
  if (known !== undefined) return known
  const text = plain(message.content)
  plainContents.set(message, text)
  return text
}

/** Returns the groups of the first match in each message that has one, with the message, in their order. */
export const findFacts = (messages: readonly TaskMessage[], pattern: RegExp) =>
  messages.flatMap(message => {
    const found = pattern.exec(plainContent(message))
    return found ? [{ ...message, found: found.slice(1) }] : []
  })
