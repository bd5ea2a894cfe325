import { findFacts } from './facts.ts'
import type { Scenario, TaskMessage } from './scenario.ts'

/** Words that each author adds, and how many authors there are for each line. */
const WORDS_EACH = 2
const AUTHORS_OF_A_LINE = 2

/** One word for each that 24 authors may add, and the first one of each line. None is in `prose`. */
const WORDS = (
  'anchor apron arrow atlas bagel banjo barrel basket beacon bellows bottle bridge bucket button cabin cactus camel candle canoe ' +
  'carpet castle cello chalk cherry chimney cliff clover compass copper cotton cradle crayon curtain cymbal dagger dolphin donkey ' +
  'dragon eagle easel engine falcon feather fiddle flute forest fossil garlic geyser ginger goblet guitar hammer harbor helmet hinge'
).split(' ')

const edit = /\bline (\d+)[^:]{0,20}: ?([a-z ,]+)/i

const wordsIn = (text: string): string[] => text.toLowerCase().split(/[ ,]+/).filter(Boolean)

/** Returns the edits of each line, as numbers and words, in their order. */
const editsIn = (messages: readonly TaskMessage[]) =>
  findFacts(messages, edit).map(({ sender_id, found }) => ({
    sender_id,
    line: Number(found[0]),
    words: wordsIn(found[1]!),
  }))

/** Authors add words to the lines of one plan. An edit says its whole line again, so that one from a stale line loses words. */
export const sharedNotes: Scenario = {
  name: 'shared-notes',
  about: 'Each author adds two words to lines of one plan; an edit says the whole line as it is then.',
  resembles: 'CodeCRDT: agents that edit one document, and the updates that they lose.',
  deal(authors, random, prose) {
    const lines = Math.max(2, Math.ceil(authors.length / AUTHORS_OF_A_LINE))
    const [...words] = random.shuffle(WORDS)
    const first = Array.from({ length: lines }, () => [words.pop()!])
    const wanted = new Map(
      authors.map(author => [
        author,
        Array.from({ length: WORDS_EACH }, () => ({ line: random.whole(1, lines), word: words.pop()! })),
      ]),
    )
    const lineOf = (line: number, edits: ReturnType<typeof editsIn>) =>
      edits.findLast(each => each.line === line)?.words ?? first[line - 1]!
    return {
      plan(author, messages) {
        const edits = editsIn(messages)
        // An author does not look after its words once it has added them.
        const isDone = (word: string) =>
          edits.some(({ sender_id, words }) => sender_id === author && words.includes(word))
        const next = wanted.get(author)!.find(({ word }) => !isDone(word))
        if (!next) return undefined
        const [reason, after] = prose.sentences(`${author} ${next.word}`, 2)
        const line = [...lineOf(next.line, edits).filter(word => word !== next.word), next.word]
        return [reason!.trim(), ` Line ${next.line}: ${line.join(' ')}.`, after!]
      },
      result: messages =>
        first.map((_, index) => {
          const [start, ...added] = lineOf(index + 1, editsIn(messages))
          return [start, ...added.sort()]
        }),
      brief: author =>
        `You edit a plan with ${authors.filter(name => name !== author).join(', ')}. Its lines are: ` +
        `${first.map(([word], index) => `Line ${index + 1}: ${word}.`).join(' ')} ` +
        `${wanted
          .get(author)!
          .map(({ line, word }) => `Add the word "${word}" to the end of line ${line}.`)
          .join(' ')} ` +
        'Make one change in each message, which has the whole line as it is then, in the form "Line 1: one two three." Keep the words of others.',
    }
  },
}
