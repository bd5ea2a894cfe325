import { findFacts } from './facts.ts'
import type { Scenario, TaskMessage } from './scenario.ts'

/** How many numbers each author has. */
const SHARE = 3

const kinds = {
  sum: (numbers: readonly number[]) => [numbers.reduce((sum, each) => sum + each, 0)],
  max: (numbers: readonly number[]) => [Math.max(...numbers)],
  sort: (numbers: readonly number[]) => numbers.toSorted((a, b) => a - b),
}

const share = /\bmy numbers are:? (\d[\d, and]*)/i
const answer = /\bthe (?:sum|max|maximum|sort|sorted list) is:? (\d[\d, and]*)/i

const valuesIn = (text: string): number[] => text.match(/\d+/g)!.map(Number)

/** Each author has numbers that only it knows. Once all were said, one of them says the result. */
export const pooledNumbers: Scenario = {
  name: 'pooled-numbers',
  about: 'Each author says its private numbers; once all are known, one says their sum, maximum or order, once.',
  resembles: 'Silo-Bench: sum, max and sort over private shares.',
  deal(authors, random, prose) {
    const kind = random.pick(['sum', 'max', 'sort'] as const)
    const numbersOf = new Map(authors.map(author => [author, Array.from({ length: SHARE }, () => random.whole(1, 99))]))
    const sharesIn = (messages: readonly TaskMessage[]) =>
      new Map(findFacts(messages, share).map(({ sender_id, found }) => [sender_id, valuesIn(found[0]!)]))
    const answersIn = (messages: readonly TaskMessage[]) =>
      findFacts(messages, answer).map(({ found }) => valuesIn(found[0]!).join(', '))
    return {
      plan(author, messages) {
        const shares = sharesIn(messages)
        if (!shares.has(author)) {
          const own = numbersOf.get(author)!
          return [`My numbers are ${own.join(', ')}.`, ...prose.sentences(`share ${author}`, 2)]
        }
        if (shares.size < authors.length || answersIn(messages).length > 0) return undefined
        const result = kinds[kind]([...shares.values()].flat())
        return [...prose.sentences(`answer ${author}`, 3), ` The ${kind} is ${result.join(', ')}.`]
      },
      result: messages => ({
        shares: Object.fromEntries([...sharesIn(messages)].sort()),
        answers: answersIn(messages),
      }),
      brief: author =>
        `Each of ${authors.join(', ')} has numbers that the others do not know. Yours are ${numbersOf.get(author)!.join(', ')}. ` +
        'First each says its own once, in a message that begins "My numbers are 1, 2, 3." Once all are known, one of you, and only ' +
        `one, sends a message that ends "The ${kind} is …." with the ${kind === 'sort' ? 'sorted list' : kind} of all numbers.`,
    }
  },
}
