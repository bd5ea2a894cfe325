import type { Prose } from '../scenarios/prose.ts'
import type { Plan, Task, TaskMessage } from '../scenarios/scenario.ts'
import type { WriterTraits } from '../writers/writer.ts'
import type { AuthorDeps } from './simulated-author.ts'

/** What is unusual about the last of the authors. */
export const lineups = {
  even: 'All authors are alike.',
  slow: 'One author reads and writes five times slower.',
  chatty: 'One author also says twelve things that have nothing to do with the task.',
  absent: 'One participant never does anything, and has no part in the task.',
  failing:
    'One author stops for 3 minutes in its first message, longer than a turn or a lock lasts, and has lost it then.',
  hostile:
    'One participant has no part in the task, and says sixty things as fast as it can, in one turn if there are turns.',
} as const

export type Lineup = keyof typeof lineups

export const authorNames =
  'Ada Ben Cleo Dan Eva Finn Gus Hana Ivan June Kai Lea Max Nora Omar Pia Quinn Rosa Sam Tess Uma Vera Will Zoe'.split(
    ' ',
  )

const CHATTER = 12
const NOISE = 60
const SLOWNESS = 5
/** More than the lease of turns and locks. */
const FAILURE_MS = 180_000

/** Whether the participant has a part in the task, so that the run does not end before it has nothing to say. */
export const hasPart = (lineup: Lineup, isLast: boolean): boolean =>
  !isLast || (lineup !== 'absent' && lineup !== 'hostile')

export function lineupWriter(lineup: Lineup, isLast: boolean, writer: WriterTraits): WriterTraits {
  if (lineup !== 'slow' || !isLast) return writer
  const { first_token_ms, input_tokens_per_s, output_tokens_per_s } = writer
  return {
    ...writer,
    first_token_ms: first_token_ms * SLOWNESS,
    input_tokens_per_s: input_tokens_per_s / SLOWNESS,
    output_tokens_per_s: output_tokens_per_s / SLOWNESS,
  }
}

/** Returns what a participant says: the task, and what its lineup adds. */
export function lineupTask(lineup: Lineup, isLast: boolean, task: Task, prose: Prose): Pick<Task, 'plan'> {
  if (!isLast) return task
  const remark = (author: string, number: number, sentences: number): Plan => {
    const parts = prose.sentences(`remark ${author} ${number}`, sentences)
    return parts.with(0, parts[0]!.trim())
  }
  const ownIn = (author: string, messages: readonly TaskMessage[]) =>
    messages.filter(({ sender_id }) => sender_id === author).map(({ content }) => content)
  if (lineup === 'hostile') {
    return {
      plan(author, messages) {
        const said = ownIn(author, messages).length
        return said < NOISE ? remark(author, said, 1) : undefined
      },
    }
  }
  if (lineup !== 'chatty') return task
  return {
    plan(author, messages) {
      const own = ownIn(author, messages)
      const remarks = Array.from({ length: CHATTER }, (_, number) => remark(author, number, 2))
      const next = remarks.find(parts => !own.includes(parts.join('')))
      const planned = task.plan(author, messages)
      return own.length % 2 === 0 ? (next ?? planned) : (planned ?? next)
    },
  }
}

/** What an author does that no other does. */
export function lineupConduct(lineup: Lineup, isLast: boolean): Pick<AuthorDeps, 'fails' | 'keepsTurn'> {
  if (!isLast) return {}
  if (lineup === 'failing') return { fails: { message: 1, ms: FAILURE_MS } }
  return { keepsTurn: lineup === 'hostile' }
}
