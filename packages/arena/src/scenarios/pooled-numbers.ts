import type { Scenario, TaskMessage } from './scenario.ts'

/** How many numbers each author has. */
const SHARE = 3

const kinds = {
  sum: (numbers: readonly number[]) => [numbers.reduce((sum, each) => sum + each, 0)],
  max: (numbers: readonly number[]) => [Math.max(...numbers)],
  sort: (numbers: readonly number[]) => numbers.toSorted((a, b) => a - b),
}

const share = /^My numbers are ([\d, ]+)\./
const answer = / The (?:sum|max|sort) is ([\d, ]+)\.$/

const valuesIn = (text: string): number[] => text.split(', ').map(Number)

/** Each author has numbers that only it knows. Once all were said, one of them says the result. */
export const pooledNumbers: Scenario = {
  name: 'pooled-numbers',
  about: 'Each author says its private numbers; once all are known, one says their sum, maximum or order, once.',
  resembles: 'Silo-Bench: sum, max and sort over private shares.',
  deal(authors, random, prose) {
    const kind = random.pick(['sum', 'max', 'sort'] as const)
    const numbersOf = new Map(authors.map(author => [author, Array.from({ length: SHARE }, () => random.whole(1, 99))]))
    const sharesIn = (messages: readonly TaskMessage[]) =>
      new Map(
        messages.flatMap(({ sender_id, content }) => {
          const found = share.exec(content)?.[1]
          return found === undefined ? [] : [[sender_id, valuesIn(found)] as const]
        }),
      )
    const answersIn = (messages: readonly TaskMessage[]) =>
      messages.flatMap(({ content }) => answer.exec(content)?.[1] ?? [])
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
