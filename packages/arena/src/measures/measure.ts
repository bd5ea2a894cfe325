import type { AuthorRun, ObservedMessage, RunResult } from '../run/run.ts'
import type { TraceEvent } from '../run/trace.ts'
import { runSerially, type TaskMessage } from '../scenarios/scenario.ts'
import { TOKEN_CHARACTERS } from '../writers/writer.ts'
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
  /** Messages whose text was in the room before. */
  readonly repeated: number
  /** Characters that were written. */
  readonly written: number
  /** Characters that were written and not sent. */
  readonly discarded: number
  /** Characters that models read again, since they were called again. */
  readonly readAgain: number
  /** Calls of models. */
  readonly calls: number
  /** Pushes of a message: the mean and the most. */
  readonly attemptsMean: number
  readonly attemptsMost: number
  /** Milliseconds from wanting to say something until it was sent, or withdrawn: quantiles over the run. */
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
 * `crossed` or a hold, plays no part.
 */
export function measure({ task, authors, log, isFinished, end_ms }: RunResult, prices = defaultPrices): Measures {
  const active = authors.filter(({ hasPart }) => hasPart)
  const texts = new Set<string>()
  let repeated = 0
  for (const { content } of log) {
    if (texts.has(content)) repeated++
    texts.add(content)
  }
  const sent = active.flatMap(author =>
    log.filter(({ sender_id }) => sender_id === author.name).map(message => inspectMessage(author, message, log)),
  )
  const events = active.flatMap(({ trace }) => trace)
  const total = (count: (event: TraceEvent) => number) => events.reduce((sum, event) => sum + count(event), 0)
  const written = total(event => (event.type === 'wrote' ? event.text.length : 0))
  const spoken = active.map(({ name }) => characters(log.filter(({ sender_id }) => sender_id === name)))
  const fresh = total(event => (event.type === 'asked' ? event.fresh : 0))
  const cached = total(event => (event.type === 'asked' ? event.cached : 0))
  const delays = active.flatMap(({ trace }) => delaysIn(trace, end_ms)).sort((a, b) => a - b)
  const attempts = active.flatMap(({ trace }) => attemptsIn(trace))
  const serial = runSerially(
    task,
    active.map(({ name }) => name),
  )
  return {
    finished: Number(isFinished),
    solved: Number(isFinished && JSON.stringify(task.result(log)) === JSON.stringify(task.result(serial))),
    messages: sent.length,
    crossings: sum(sent.map(({ crossings }) => crossings)),
    stale: sent.filter(({ stale }) => stale).length,
    overlooked: sent.filter(({ overlooked }) => overlooked).length,
    repeated,
    written,
    discarded: written - sum(spoken),
    readAgain: cached * TOKEN_CHARACTERS,
    calls: events.filter(({ type }) => type === 'asked').length,
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

interface MessageFindings {
  readonly crossings: number
  readonly stale: boolean
  readonly overlooked: boolean
}

/** Compares a message with what its author had read, and with all that came before it. */
function inspectMessage(
  { name, plan, trace }: AuthorRun,
  message: ObservedMessage,
  log: readonly ObservedMessage[],
): MessageFindings {
  const before = log.filter(({ seq }) => seq < message.seq)
  const read = Math.max(
    0,
    ...trace.flatMap(event => (event.type === 'read' && event.at <= message.at ? [event.seq] : [])),
  )
  const known = before.filter(({ seq, sender_id }) => seq <= read || sender_id === name)
  const planned = textOf(plan(name, known))
  return {
    crossings: before.length - known.length,
    stale: planned !== textOf(plan(name, before)),
    overlooked: planned !== message.content,
  }
}

const textOf = (plan: readonly string[] | undefined): string => plan?.join('') ?? ''

/** How long each thing that an author wanted to say took to be sent or withdrawn. */
function delaysIn(trace: readonly TraceEvent[], end: number): number[] {
  const delays: number[] = []
  let wanted: number | undefined
  for (const { type, at } of trace) {
    if (type === 'wanted') wanted ??= at
    if ((type !== 'sent' && type !== 'withdrew') || wanted === undefined) continue
    delays.push(at - wanted)
    wanted = undefined
  }
  if (wanted !== undefined) delays.push(Math.max(0, end - wanted))
  return delays
}

/** How many pushes each message took. */
function attemptsIn(trace: readonly TraceEvent[]): number[] {
  const attempts: number[] = []
  let pushes = 0
  for (const { type } of trace) {
    if (type === 'pushed') pushes++
    if (type === 'sent') attempts.push(pushes)
    if (type === 'sent' || type === 'withdrew') pushes = 0
  }
  return attempts
}

const characters = (messages: readonly TaskMessage[]): number => sum(messages.map(({ content }) => content.length))
const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0)
