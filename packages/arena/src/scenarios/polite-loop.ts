import { isAcknowledgement } from '../acknowledgement.ts'
import { findFacts, plain } from './facts.ts'
import type { Plan, Scenario, TaskMessage } from './scenario.ts'

/** A report, thanks and the answer to them: the most messages that each author causes if no message crosses another. */
const MESSAGES_EACH = 3
/** How many times as many are still sensible. */
const SENSIBLE = 1.5

const report = /\bmy part is done\b/i
const thanks = /^(?:thanks|thank you),? (\w+)/i
const answer = /^sure\b/i

/** Returns the reports, the thanks with the name of whom they thank, and the answers to thanks. */
const read = (messages: readonly TaskMessage[]) => ({
  reports: findFacts(messages, report),
  thanked: findFacts(messages, thanks).map(({ found, ...message }) => ({ ...message, to: found[0]!.toLowerCase() })),
  answers: findFacts(messages, answer),
})

/** Authors report, thank and say goodbye, and answer only what is more than an acknowledgement. So they end. */
export const politeLoop: Scenario = {
  name: 'polite-loop',
  about:
    'Each author reports, one thanks for each report, and thanks with more than a word are answered; then all are silent.',
  resembles: 'The loops of agents that MAST counts as unaware of when they are done.',
  deal(authors, random, prose) {
    /** How many sentences each author adds to its thanks, by both names. None: an acknowledgement. */
    const added = new Map<string, number>(
      authors.flatMap(author => authors.map(other => [`${author} ${other}`, random.whole(0, 2)])),
    )

    /** What an author has to say, each with the seq of the message that asks for it: the earliest comes first. */
    function tasksOf(
      author: string,
      messages: readonly TaskMessage[],
    ): { readonly since: number; readonly plan: Plan }[] {
      const { reports, thanked, answers } = read(messages)
      const own = reports.some(({ sender_id }) => sender_id === author)
      if (!own) return [{ since: 0, plan: ['My part is done.', ...prose.sentences(author, 3), ' Goodbye, all.'] }]
      const answered = answers.findLast(({ sender_id }) => sender_id === author)?.seq ?? 0
      const toAnswer = thanked.find(
        ({ seq, to, content }) =>
          seq > answered && to === author.toLowerCase() && !isAcknowledgement({ content: plain(content) }),
      )
      const toThank = reports.filter(
        ({ sender_id }) => sender_id !== author && !thanked.some(({ to }) => to === sender_id.toLowerCase()),
      )
      return [
        ...(toAnswer ? [{ since: toAnswer.seq, plan: [`Sure, ${toAnswer.sender_id}.`] }] : []),
        ...toThank.map(({ seq, sender_id }) => {
          const key = `${author} ${sender_id}`
          return { since: seq, plan: [`Thanks, ${sender_id}.`, ...prose.sentences(key, added.get(key) ?? 0)] }
        }),
      ]
    }

    return {
      plan: (author, messages) => tasksOf(author, messages).sort((a, b) => a.since - b.since)[0]?.plan,
      result(messages) {
        const { reports, thanked, answers } = read(messages)
        const said = reports.length + thanked.length + answers.length
        return {
          reported: authors.filter(author => reports.some(({ sender_id }) => sender_id === author)),
          thanked: authors.filter(author => thanked.some(({ to }) => to === author.toLowerCase())),
          isSensible: said <= SENSIBLE * MESSAGES_EACH * authors.length,
        }
      },
      brief: author =>
        `You have done a piece of work with ${authors.filter(name => name !== author).join(', ')}. First say what you did, once, in three ` +
        'to five sentences, of which the first is "My part is done." One of you, and only one, thanks for each such message: "Thanks, Ada.", ' +
        'with up to two sentences more. If you are thanked in more than those two words, answer "Sure, Ben." Otherwise say nothing more.',
    }
  },
}
