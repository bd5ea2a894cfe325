import { plain } from './facts.ts'
import type { Scenario, TaskMessage } from './scenario.ts'

/** How many numbers each author says on average. */
const NUMBERS_EACH = 4

const numberIn = ({ content }: TaskMessage) => Number(/^(\d+)\b/.exec(plain(content))?.[1] ?? 0)

/** The authors count together. Each number is said once, in order, and never two in a row by one author. */
export const counting: Scenario = {
  name: 'counting',
  about: 'Count together: each number once, in order, never two in a row by one author.',
  resembles: 'The counting game of group coordination studies; here each author wants every number.',
  deal(authors, _random, prose) {
    const last = NUMBERS_EACH * authors.length
    const said = (messages: readonly TaskMessage[]) => messages.map(numberIn).filter(number => number > 0)
    return {
      plan(author, messages) {
        const highest = Math.max(0, ...said(messages))
        const previous = messages.findLast(message => numberIn(message) > 0)
        if (highest >= last || (previous?.sender_id === author && authors.length > 1)) return undefined
        return [`${highest + 1}.`, ...prose.sentences(`${author} ${highest}`, 1)]
      },
      result: said,
      brief: author =>
        `You count together with ${authors.filter(name => name !== author).join(', ')}, from 1 to ${last}. ` +
        'Each number is said once, in order, and you never say two in a row. Begin your message with the number and a full stop.',
    }
  },
}
