import type { Message } from '@midsentence/core'
import { type RandomStream, randomFrom } from '../random.ts'
import { type Prose, proseFrom } from './prose.ts'

/** A message, as far as tasks and measures look at it. */
export type TaskMessage = Pick<Message, 'seq' | 'sender_id' | 'content'>

/** The parts of a message that an author is about to write, one for each segment. Joined they are its content. */
export type Plan = readonly string[]

/** A message that a person from outside sends at a set time. */
export interface News {
  readonly at_ms: number
  readonly content: string
}

/** What the authors of one run have to do. Its functions are pure. */
export interface Task {
  /**
   * Returns what `author` says next, when it has read `messages`: a prefix of the room and its own messages, in room order.
   * Undefined: it has nothing to say.
   */
  plan(author: string, messages: readonly TaskMessage[]): Plan | undefined
  /** What a person from outside says meanwhile. Default: nothing. */
  readonly news?: readonly News[]
  /** Returns the result that `messages` hold, as JSON that does not depend on the order of unrelated messages. */
  result(messages: readonly TaskMessage[]): unknown
  /** Describes the task to a model, for runs with real models. Undefined: it cannot be run with them. */
  brief?(author: string): string
}

/** A kind of task. The result of a run is right if it equals the result of a serial run of the same task. */
export interface Scenario {
  /** In lower case, with hyphens. */
  readonly name: string
  /** One sentence: what the authors do. */
  readonly about: string
  /** The public task that it resembles. */
  readonly resembles: string
  /** Deals a task to `authors`, at least one. */
  deal(authors: readonly string[], random: RandomStream, prose: Prose): Task
}

/** Deals a task to `authors`. The same seed gives the same task. */
export const dealTask = (scenario: Scenario, authors: readonly string[], seed: number): Task =>
  scenario.deal(authors, randomFrom('deal', scenario.name, seed), proseFrom(seed))

/** The name of the person who brings news. */
export const PERSON = 'Organiser'

/** The most messages of a serial run: a task that needs more does not end. */
const MAX_SERIAL = 10_000

/** Lets the authors speak one after another until none has anything to say, and returns their messages. News come first. */
export function runSerially(task: Task, authors: readonly string[]): readonly TaskMessage[] {
  const messages: TaskMessage[] = []
  const say = (sender_id: string, content: string) => messages.push({ seq: messages.length + 1, sender_id, content })
  for (const { content } of task.news ?? []) say(PERSON, content)
  for (let quiet = 0, next = 0; quiet < authors.length; next = (next + 1) % authors.length) {
    const plan = task.plan(authors[next]!, messages)
    quiet = plan ? 0 : quiet + 1
    if (plan) say(authors[next]!, plan.join(''))
    if (messages.length > MAX_SERIAL) throw new Error('The task does not end in a serial run.')
  }
  return messages
}
