import type { RandomStream } from '../random.ts'
import type { Prose } from '../scenarios/prose.ts'
import type { Plan, Task } from '../scenarios/scenario.ts'
import type { WriterTraits } from '../writers/writer.ts'

/** What is unusual about the last of the authors. */
export const lineups = {
  even: 'All authors are alike.',
  slow: 'One author reads and writes five times slower.',
  chatty: 'One author also says twelve things that have nothing to do with the task.',
  absent: 'One participant never does anything, and has no part in the task.',
  failing: 'One author stops for 90 s in the middle of its first message, and has lost it then.',
  hostile: 'One participant has no part in the task, and says sixty things as fast as it can.',
} as const

export type Lineup = keyof typeof lineups

export const authorNames =
  'Ada Ben Cleo Dan Eva Finn Gus Hana Ivan June Kai Lea Max Nora Omar Pia Quinn Rosa Sam Tess Uma Vera Will Zoe'.split(
    ' ',
  )

const CHATTER = 12
const NOISE = 60
const SLOWNESS = 5

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
  const ownIn: (author: string, messages: Parameters<Task['plan']>[1]) => number = (author, messages) =>
    messages.filter(({ sender_id }) => sender_id === author).length
  if (lineup === 'hostile') {
    return {
      plan(author, messages) {
        const own = ownIn(author, messages)
        return own < NOISE ? remark(author, own, 1) : undefined
      },
    }
  }
  if (lineup !== 'chatty') return task
  return {
    plan(author, messages) {
      const own = ownIn(author, messages)
      const planned = own % 2 === 0 ? undefined : task.plan(author, messages)
      const remarks = Math.min(own, CHATTER)
      return planned ?? (remarks < CHATTER ? remark(author, own, 2) : task.plan(author, messages))
    },
  }
}

/** The message in which an author fails, if it does. */
export const lineupFailure = (lineup: Lineup, isLast: boolean, _random: RandomStream) =>
  lineup === 'failing' && isLast ? { fails: { message: 1, ms: 90_000 } } : {}
