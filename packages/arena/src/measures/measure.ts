import type { ObservedCall } from '../run/observed-calls.ts'
import type { AuthorRun, ObservedMessage, RunResult } from '../run/run.ts'
import type { TraceEvent } from '../run/trace.ts'
import { runSerially, type TaskMessage } from '../scenarios/scenario.ts'
import { TOKEN_CHARACTERS } from '../writers/writer.ts'
import { isPush } from './pushes.ts'
import { type Reading, readingsOf } from './readings.ts'
import { gini, quantile } from './statistics.ts'

/** Dollars for a million tokens. */
export interface Prices {
  readonly input: number
  /** Input that the model was shown before. */
  readonly cached: number
  readonly output: number
}

/** The prices of Claude Opus 5 in November 2026. Other hosted models have other levels, and about the same ratios. */
export const defaultPrices: Prices = { input: 5, cached: 0.5, output: 25 }

/** What one run shows. Counts, unless a member says otherwise. */
export interface Measures {
  /** 1 if the run came to rest before its limit. */
  readonly finished: number
  /** 1 if the result equals that of a serial run. */
  readonly solved: number
  /** Messages of authors with a part in the task. */
  readonly messages: number
  /** Pairs of a message and an earlier one that its author had not read. */
  readonly crossings: number
  /** Messages that their author would have written otherwise, had it read all that came before. */
  readonly stale: number
  /** Messages that do not agree with what their author had read: it noticed nothing, or revised wrongly. */
  readonly overlooked: number
  /** Messages of authors with a part in the task, whose text was in the room before. */
  readonly repeated: number
  /** Characters that were written, at least those that reached the room. */
  readonly written: number
  /** Characters that were written and not sent. */
  readonly discarded: number
  /** Characters that models read again, since they were called again. */
  readonly readAgain: number
  /** Calls of models. */
  readonly calls: number
  /** Answered pushes of a sent message: the mean and the most. */
  readonly attemptsMean: number
  readonly attemptsMost: number
  /** Milliseconds from having something to say until it was said: quantiles over the run. */
  readonly delayMedian: number
  readonly delayP95: number
  readonly delayMost: number
  /** How unevenly the authors spoke, by characters: 0 evenly, 1 one alone. */
  readonly unevenness: number
  /** Milliseconds until the last message, or the limit of a run that did not come to rest. */
  readonly time: number
  /** Dollars. */
  readonly cost: number
}

/**
 * Measures a run, from the traces of its authors and from what a reader outside received. What the room says of itself, such as
 * `crossed` or a hold, plays no part. A trace is believed only as far as the author's calls bear it out: see `readingsOf`.
 */
export function measure({ task, authors, log, isFinished, end_ms }: RunResult, prices = defaultPrices): Measures {
  const findings = authors.filter(({ hasPart }) => hasPart).map(author => inspectAuthor(author, log, end_ms))
  const total = (count: (found: AuthorFindings) => number) => sum(findings.map(count))
  const spoken = findings.map(found => found.spoken)
  const written = total(found => found.written)
  const fresh = total(found => sum(found.readings.map(reading => reading.fresh)))
  const cached = total(found => sum(found.readings.map(reading => reading.cached)))
  const delays = findings.flatMap(found => found.delays).sort((a, b) => a - b)
  const attempts = findings.flatMap(found => found.attempts)
  const names = new Set(findings.map(({ name }) => name))
  const serial = () => runSerially(task, [...names])
  return {
    finished: Number(isFinished),
    solved: Number(isFinished && JSON.stringify(task.result(log)) === JSON.stringify(task.result(serial()))),
    messages: total(found => found.messages),
    crossings: total(found => found.crossings),
    stale: total(found => found.stale),
    overlooked: total(found => found.overlooked),
    repeated: repeatedIn(log, names),
    written,
    discarded: written - sum(spoken),
    readAgain: cached * TOKEN_CHARACTERS,
    calls: total(found => found.readings.length),
    attemptsMean: attempts.length === 0 ? 0 : sum(attempts) / attempts.length,
    attemptsMost: Math.max(0, ...attempts),
    delayMedian: quantile(delays, 0.5),
    delayP95: quantile(delays, 0.95),
    delayMost: delays.at(-1) ?? 0,
    unevenness: gini(spoken),
    time: end_ms,
    cost: (fresh * prices.input + cached * prices.cached + (written / TOKEN_CHARACTERS) * prices.output) / 1e6,
  }
}

interface AuthorFindings {
  readonly name: string
  readonly messages: number
  readonly crossings: number
  readonly stale: number
  readonly overlooked: number
  /** Characters. */
  readonly spoken: number
  readonly written: number
  readonly readings: readonly Reading[]
  readonly delays: readonly number[]
  readonly attempts: readonly number[]
}

function inspectAuthor(author: AuthorRun, log: readonly ObservedMessage[], end_ms: number): AuthorFindings {
  const { name, plan, trace, calls } = author
  const own = log.filter(({ sender_id }) => sender_id === name)
  const readings = readingsOf(author, log)
  let [crossings, stale, overlooked] = [0, 0, 0]
  for (const [index, message] of log.entries()) {
    if (message.sender_id !== name) continue
    const before = log.slice(0, index)
    const read = readings.findLast(({ at }) => at <= message.at)?.through ?? 0
    const known = before.filter(({ seq, sender_id }) => seq <= read || sender_id === name)
    const unknown = before.length - known.length
    const planned = textOf(plan(name, known))
    crossings += unknown
    if (unknown > 0 && planned !== textOf(plan(name, before))) stale++
    if (planned !== message.content) overlooked++
  }
  const spoken = characters(own)
  const noted = sum(trace.map(event => (event.type === 'wrote' ? event.text.length : 0)))
  const appended = sum(calls.map(({ method, text }) => (method === 'append' ? text!.length : 0)))
  const ends = endsOf(own, trace)
  return {
    name,
    messages: own.length,
    crossings,
    stale,
    overlooked,
    spoken,
    written: Math.max(noted, appended, spoken),
    readings,
    delays: delaysOf(author, log, end_ms),
    attempts: attemptsOf(ends, calls),
  }
}

const textOf = (plan: readonly string[] | undefined): string => plan?.join('') ?? ''

function repeatedIn(log: readonly ObservedMessage[], authors: ReadonlySet<string>): number {
  const texts = new Set<string>()
  return sum(
    log.map(({ sender_id, content }) => {
      const isRepeated = authors.has(sender_id) && texts.has(content)
      texts.add(content)
      return Number(isRepeated)
    }),
  )
}

/** When an author's wish to say something ended. */
interface WishEnd {
  readonly at: number
  readonly isSent: boolean
}

const endsOf = (own: readonly ObservedMessage[], trace: readonly TraceEvent[]): readonly WishEnd[] =>
  [
    ...own.map(({ at }) => ({ at, isSent: true })),
    ...trace.flatMap(({ type, at }) => (type === 'withdrew' ? [{ at, isSent: false }] : [])),
  ].sort((a, b) => a.at - b.at)

/** How many moments of a run `delaysOf` looks at, besides those at which the author speaks. */
const MOMENTS = 200

/**
 * Returns how long an author had something to say until it spoke, each time, in milliseconds. By the log alone: an author who must
 * wait for its turn has something to say before it knows. What others made moot is left out. Of a log with more than 200 messages
 * of others it looks at every second, third, … one, since a plan takes as long as its log is.
 */
function delaysOf({ name, plan }: AuthorRun, log: readonly ObservedMessage[], end_ms: number): number[] {
  const delays: number[] = []
  let since: number | undefined
  const step = Math.ceil(log.length / MOMENTS) || 1
  for (let count = 0; count <= log.length; count++) {
    const newest = log[count - 1]
    const isOwn = newest?.sender_id === name
    if (isOwn && since !== undefined) {
      delays.push(newest.at - since)
      since = undefined
    }
    if (!isOwn && count % step !== 0) continue
    const at = newest?.at ?? 0
    since = plan(name, log.slice(0, count)) ? (since ?? at) : undefined
  }
  if (since !== undefined) delays.push(end_ms - since)
  return delays
}

/** Returns how many pushes each sent message took. */
function attemptsOf(ends: readonly WishEnd[], calls: readonly ObservedCall[]): number[] {
  const pushes = calls.filter(isPush)
  return ends.flatMap(({ at, isSent }, index) => {
    const since = ends[index - 1]?.at ?? -1
    return isSent ? [pushes.filter(({ called_at }) => called_at > since && called_at <= at).length] : []
  })
}

const characters = (messages: readonly TaskMessage[]): number => sum(messages.map(({ content }) => content.length))
const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0)
