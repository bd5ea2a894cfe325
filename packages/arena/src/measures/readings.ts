import type { AuthorRun, ObservedMessage } from '../run/run.ts'
import { tokensIn } from '../writers/writer.ts'

/** A call of a model, and what it read. Times in milliseconds since the start of the run. */
export interface Reading {
  /** When it had read. */
  readonly at: number
  /** It had read every message up to here. */
  readonly through: number
  /** Tokens that were new to it. */
  readonly fresh: number
  /** Tokens that it had read before. */
  readonly cached: number
}

/** Room for the rounding of times that were added up, in milliseconds. */
const ROUNDING_MS = 1e-3

/**
 * Returns the calls of an author's model. Its trace says what they read; that is believed of a message if the room had given the
 * message to the author before the call, and if the call took the time to read it. Reading without a call is not believed. A call
 * counts at least the tokens of what it read, and of what the model had read before.
 */
export function readingsOf({ name, writer, trace, calls }: AuthorRun, log: readonly ObservedMessage[]): Reading[] {
  const given = new Map<number, number>()
  for (const call of calls) for (const seq of call.given) if (!given.has(seq)) given.set(seq, call.answered_at)
  const others = log.filter(({ sender_id }) => sender_id !== name)
  const own = log.filter(({ sender_id }) => sender_id === name)
  const readings: Reading[] = []
  let [nextOther, nextOwn, known] = [0, 0, 0]
  /** When the latest call began, until its trace says what it read. */
  let asked: number | undefined
  for (const event of trace) {
    if (event.type === 'asked') {
      asked = event.at
      for (; nextOwn < own.length && own[nextOwn]!.at <= asked; nextOwn++) known += tokensIn(own[nextOwn]!.content)
      const through = readings.at(-1)?.through ?? 0
      readings.push({ at: asked, through, fresh: event.fresh, cached: Math.max(event.cached, known) })
    }
    if (event.type !== 'read' || asked === undefined) continue
    const last = readings.pop()!
    let { through } = last
    let fresh = 0
    for (; nextOther < others.length && others[nextOther]!.seq <= event.seq; nextOther++) {
      const { seq, content } = others[nextOther]!
      const tokens = fresh + tokensIn(content)
      const isGiven = (given.get(seq) ?? Infinity) <= asked
      const ends = asked + writer.first_token_ms + (1000 * tokens) / writer.input_tokens_per_s
      if (!isGiven || ends > event.at + ROUNDING_MS) break
      fresh = tokens
      through = seq
    }
    known += fresh
    readings.push({ ...last, at: event.at, through, fresh: Math.max(last.fresh, fresh) })
    asked = undefined
  }
  return readings
}
