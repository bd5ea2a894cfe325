import { findFacts } from './facts.ts'
import type { Plan, Scenario, TaskMessage } from './scenario.ts'

interface Point {
  readonly number: number
  readonly author: string
  /** Who may answer it. */
  readonly responders: readonly string[]
  /** Once this point was raised, the author gives its own up. Undefined: it holds. */
  readonly refutedBy?: number
}

const MAX_RESPONDERS = 2

const raising = /^(?:I raise |My )?point (\d+)\b/i
const answer = /\banswer to point (\d+)\b/i
const concession = /\bI concede point (\d+)\b/i

/** The seqs of the messages that a pattern finds, by the number of their point. */
function seqsIn(messages: readonly TaskMessage[], pattern: RegExp): Map<number, number[]> {
  const seqs = new Map<number, number[]>()
  for (const { seq, found } of findFacts(messages, pattern)) {
    const number = Number(found[0])
    seqs.set(number, [...(seqs.get(number) ?? []), seq])
  }
  return seqs
}

const read = (messages: readonly TaskMessage[]) => ({
  raised: seqsIn(messages, raising),
  answered: seqsIn(messages, answer),
  conceded: seqsIn(messages, concession),
})

/** Authors raise points and answer those of others. A concession makes an answer moot, and a point its refutation. */
export const debate: Scenario = {
  name: 'debate',
  about:
    'Each author raises two points; each point is answered once, unless its author concedes it to a point of another.',
  resembles: 'Multi-agent debate, with the repeated and ignored steps that MAST counts.',
  deal(authors, random, prose) {
    const numbers = random.shuffle(authors.flatMap((_, index) => [2 * index + 1, 2 * index + 2]))
    const firm = new Map(authors.map((author, index) => [author, numbers[2 * index]!]))
    const points = authors.flatMap((author, index): readonly Point[] => {
      const others = authors.filter(name => name !== author)
      const point = (number: number) => ({
        number,
        author,
        responders: random.shuffle(others).slice(0, MAX_RESPONDERS),
      })
      const refutedBy = others.length > 0 ? { refutedBy: firm.get(random.pick(others))! } : {}
      return random.shuffle([point(firm.get(author)!), { ...point(numbers[2 * index + 1]!), ...refutedBy }])
    })

    /** What an author has to do, each with the seq of the message that asks for it: the earliest comes first. */
    function tasksOf(
      author: string,
      messages: readonly TaskMessage[],
    ): { readonly since: number; readonly plan: Plan }[] {
      const { raised, answered, conceded } = read(messages)
      const say = (number: number, sentences: number) => prose.sentences(`${author} ${number}`, sentences)
      const ownFirst = points.toSorted((a, b) => Number(b.author === author) - Number(a.author === author))
      return ownFirst.flatMap(({ number, author: raiser, responders, refutedBy }) => {
        const since = raised.get(number)?.[0]
        const refuted = refutedBy === undefined ? undefined : raised.get(refutedBy)?.[0]
        if (raiser === author && since === undefined)
          return refuted ? [] : { since: 0, plan: [`Point ${number}.`, ...say(number, 5)] }
        if (since === undefined || conceded.has(number)) return []
        if (raiser === author && refuted) {
          const [reason] = say(-number, 1)
          return { since: Math.max(since, refuted), plan: [reason!.trim(), ` I concede point ${number}.`] }
        }
        if (!responders.includes(author) || answered.has(number)) return []
        return { since, plan: [`Answer to point ${number}.`, ...say(number, 3 + (number % 3))] }
      })
    }

    return {
      plan: (author, messages) => tasksOf(author, messages).sort((a, b) => a.since - b.since)[0]?.plan,
      result(messages) {
        const { raised, answered, conceded } = read(messages)
        const isGivenUp = (number: number) => conceded.has(number) || !raised.has(number)
        const isWasted = (number: number) => {
          const seqs = answered.get(number) ?? []
          return seqs.length > 1 || (seqs.at(-1) ?? 0) > (conceded.get(number)?.[0] ?? Number.POSITIVE_INFINITY)
        }
        const all = points.map(({ number }) => number)
        return {
          givenUp: all.filter(isGivenUp),
          answered: all.filter(number => !isGivenUp(number) && answered.has(number)),
          /** Answered twice, or after its concession. */
          wasted: all.filter(isWasted),
        }
      },
      brief(author) {
        const own = points.filter(point => point.author === author)
        const weak = own.find(({ refutedBy }) => refutedBy !== undefined)
        const asked = points.filter(({ responders }) => responders.includes(author)).map(({ number }) => number)
        const parts = [
          `You debate with ${authors.filter(name => name !== author).join(', ')} whether the office should move. You have two points, ` +
            `${own.map(({ number }) => `number ${number}`).join(' and ')}. Raise each in a message that begins "Point ${own[0]!.number}."`,
          weak &&
            `Point ${weak.refutedBy} refutes yours with number ${weak.number}: once it was raised, do not raise yours, or, if you have, ` +
              `say "I concede point ${weak.number}."`,
          asked.length > 0 &&
            `Of the points of others, you may answer ${asked.join(', ')}, in a message that begins "Answer to point ${asked[0]}."`,
          'A point is answered by one of you, once, and not after its author conceded it.',
        ]
        return parts.filter(Boolean).join(' ')
      },
    }
  },
}
