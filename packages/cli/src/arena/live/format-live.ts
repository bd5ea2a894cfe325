import { bootstrap } from '@midsentence/arena'
import { joinWords } from '../../join-words.ts'
import type { Palette } from '../../palette.ts'
import { alignRows } from '../format-table.ts'
import type { LiveSettings } from './live-options.ts'
import { type LiveRun, modelOf } from './live-record.ts'

/** With fewer runs an interval would say more than the runs do: the least and the most are printed. */
const RUNS_FOR_INTERVAL = 5

interface LiveColumn {
  readonly title: string
  readonly unit: string
  readonly about: string
  value(run: LiveRun): number
}

const columns: readonly LiveColumn[] = [
  {
    title: 'crossings',
    unit: '',
    about: 'pairs of a message and an earlier one that its model had not been shown',
    value: ({ measures }) => measures.crossings,
  },
  {
    title: 'thrown',
    unit: 'away',
    about: 'characters that were added to drafts and not sent',
    value: ({ measures }) => measures.discarded,
  },
  {
    title: 'time',
    unit: 's',
    about: 'until the last message; a run that did not finish counts as its limit',
    value: ({ measures }) => measures.time / 1_000,
  },
  {
    title: 'delay',
    unit: 'p95 s',
    about: 'from the call of a model to its message, or until it gave the message up; 95 % take less',
    value: ({ measures }) => measures.delayP95 / 1_000,
  },
  { title: 'calls', unit: '', about: 'calls of models, also such as failed', value: ({ measures }) => measures.calls },
  {
    title: 'tokens',
    unit: '',
    about: 'input and output, reasoning included, as the endpoints report them',
    value: ({ tokens }) => tokens.input + tokens.output,
  },
]

/** Says what is played, how the models are sampled, and what it can cost. */
export function openingOf(settings: LiveSettings, now: Date): string {
  const { scenario, policies, participants, first, runs, sampling, budget_tokens, minutes } = settings
  const { temperature, maxOutputTokens } = sampling
  const count = runs * policies.length
  const each = [
    `temperature: ${temperature ?? "the endpoint's own"}`,
    ...(maxOutputTokens === undefined ? [] : [`longest answer: ${number(maxOutputTokens)} tokens`]),
  ]
  return (
    `${scenario.name} under ${joinWords(policies.map(({ name }) => name))}, ${participants} participants, ` +
    `${number(runs)} ${runs === 1 ? 'run' : 'runs'} of each, ${now.toISOString().slice(0, 10)}. ` +
    `Models: ${joinWords(modelTexts(settings))}; ${each.join(', ')}. ` +
    `The tasks are dealt from ${runs === 1 ? `seed ${first}` : `the seeds ${first} to ${first + runs - 1}`}; ` +
    'the models are not seeded, and their runs cannot be reproduced. ' +
    `A run ends after ${number(budget_tokens)} tokens or ${minutes} ${minutes === 1 ? 'minute' : 'minutes'}: at most ${number(count * budget_tokens)} tokens in all.`
  )
}

const modelTexts = ({ endpoints }: LiveSettings): readonly string[] =>
  endpoints.map(modelOf).map(({ model, host }) => `${model} at ${host}`)

/** Formats a run as one line. */
export function formatRun({ policy, seed, ending, measures, tokens }: LiveRun, { good, bad, dim }: Palette): string {
  const outcome = measures.solved === 1 ? good('solved') : bad(outcomes[ending])
  const about = tokens.estimated ? 'about ' : ''
  const used = `${measures.messages} messages, ${measures.crossings} crossings, ${about}${number(tokens.input + tokens.output)} tokens`
  return `${policy}, seed ${seed}: ${outcome} ${dim(`after ${(measures.time / 1_000).toFixed(1)} s, ${used}`)}`
}

const outcomes = {
  'at rest': 'wrong result',
  stuck: 'stuck: all wait, and the task is not done',
  time: 'not finished in time',
  budget: 'not finished within its tokens',
} as const

/** Formats the means of each policy as a table, with brackets where `width` leaves room, and what the columns mean. */
export function formatLive(
  policies: readonly string[],
  runs: readonly LiveRun[],
  width: number,
  { bold, dim }: Palette,
): string {
  let lines: readonly string[] = []
  for (let bracketed = columns.length; bracketed >= 0; bracketed--) {
    lines = linesOf(policies, runs, bracketed)
    if (lines.every(line => line.length <= width)) break
  }
  const [titles, units, ...values] = lines
  const legend = columns.map(({ title, unit, about }) =>
    dim(`${(unit === 'away' ? 'thrown away' : title).padEnd(13)}${about}`),
  )
  const hasFew = policies.some(policy => runs.filter(run => run.policy === policy).length < RUNS_FOR_INTERVAL)
  const brackets = hasFew
    ? `With fewer than ${RUNS_FOR_INTERVAL} runs the brackets hold the least and the most.`
    : 'The brackets hold the 95 % interval over the runs.'
  return [
    ...[bold(titles!), dim(units!), ...values, ''],
    dim('solved       runs whose result is right, with the 95 % interval of their share (Wilson)'),
    ...legend,
    '',
    `Means of a run. ${brackets}`,
    '',
  ].join('\n')
}

/** Returns the lines of a table whose first `bracketed` columns have brackets. */
function linesOf(policies: readonly string[], runs: readonly LiveRun[], bracketed: number): readonly string[] {
  const rows = policies.flatMap(policy => {
    const own = runs.filter(run => run.policy === policy)
    if (own.length === 0) return []
    const solved = own.filter(({ measures }) => measures.solved === 1).length
    const cells = columns.map(({ value }, nth) => formatValues(own.map(value), nth < bracketed))
    return [[policy, `${solved} of ${own.length} ${formatShare(solved, own.length)}`, ...cells]]
  })
  return alignRows([
    ['', 'solved', ...columns.map(({ title }) => title)],
    ['', '%', ...columns.map(({ unit }) => unit)],
    ...rows,
  ])
}

function formatValues(values: readonly number[], withBrackets: boolean): string {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length
  if (!withBrackets) return short(mean)
  const sorted = values.toSorted((a, b) => a - b)
  const { low, high } =
    values.length < RUNS_FOR_INTERVAL
      ? { low: sorted[0]!, high: sorted.at(-1)! }
      : bootstrap(values.length, draw => draw.reduce((sum, index) => sum + values[index]!, 0) / draw.length)
  return low === high ? short(mean) : `${short(mean)} (${short(low)}–${short(high)})`
}

/** Formats the interval of a share in percent, by Wilson's score: it is honest for few runs, also where all were solved. */
export function formatShare(count: number, of: number): string {
  const z = 1.96
  const share = count / of
  const centre = share + z ** 2 / (2 * of)
  const side = z * Math.sqrt((share * (1 - share)) / of + z ** 2 / (4 * of ** 2))
  const percent = (value: number) => Math.round((100 * value) / (1 + z ** 2 / of))
  return `(${percent(centre - side)}–${percent(centre + side)})`
}

const short = (value: number): string =>
  value >= 100 ? number(Math.round(value)) : String(Number(value.toPrecision(2)))

const number = (value: number): string => value.toLocaleString('en')
