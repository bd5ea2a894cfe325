// Writes the tables and charts of docs/arena.md from docs/arena/*.ndjson: `npm run arena:write`. With `--check` it writes nothing, and
// exits with 1 if something is not up to date.
import { readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { intervalChart } from './chart.mjs'

const docs = new URL('../../docs/', import.meta.url)
const read = name =>
  readFileSync(new URL(`arena/${name}.ndjson`, docs), 'utf8')
    .trimEnd()
    .split('\n')
    .map(line => JSON.parse(line))

/** Keeps the order in which values come first. */
const distinct = values => [...new Set(values)]

const percent = value => `${Math.round(100 * value)} %`
const factor = value => (value >= 10 ? `${Math.round(value)}x` : `${Number(value.toFixed(value < 1 ? 2 : 1))}x`)
const seconds = ms => `${Number((ms / 1000).toPrecision(2))} s`
const table = (head, rows) =>
  [head, head.map((_, index) => (index === 0 ? '---' : '--:')), ...rows]
    .map(cells => `| ${cells.join(' | ')} |`)
    .join('\n')

const rows = read('results')
const policies = distinct(rows.map(({ policy }) => policy))
const scenarios = distinct(rows.map(({ scenario }) => scenario))
const of = experiment => rows.filter(row => row.experiment === experiment)
const find = (experiment, scenario, policy) =>
  rows.find(row => row.experiment === experiment && row.scenario === scenario && row.policy === policy)
const has = experiment => rows.some(row => row.experiment === experiment)

/** The middle of ratios, by their logarithms, or of shares. */
const geometric = values => Math.exp(values.reduce((sum, value) => sum + Math.log(value), 0) / values.length)
const mean = values => values.reduce((sum, value) => sum + value, 0) / values.length

/** A table of one measure: a row for each policy, a column for each scenario, and their middle. */
const byScenario = (experiment, cell, middle) =>
  table(
    ['', ...scenarios, 'all'],
    policies.map(policy => {
      const found = scenarios.map(scenario => find(experiment, scenario, policy))
      return [`\`${policy}\``, ...found.map(cell), middle(found)]
    }),
  )
const solved = ({ means }) => means.solved[0]
const perMessage = key => row => row.means[key][0] / Math.max(row.means.messages[0], 1)
const ratio = key => row => row.ratios[key][0]

/** A ratio to the first policy where only solved runs count: what they took together, for each solved run. */
const perSolved = (found, key) => {
  const solvedByFirst = found.map(({ experiment, scenario }) => solved(find(experiment, scenario, policies[0])))
  const value = geometric(found.map((row, index) => (row.ratios[key][0] * solvedByFirst[index]) / solved(row)))
  return Number.isFinite(value) ? factor(value) : '-'
}

/** A table of several measures over all scenarios: a row for each policy. */
const overview = experiment =>
  table(
    [
      ...[
        '',
        'solved',
        'crossings a message',
        'stale',
        'overlooked',
        'thrown away',
        'time',
        'slowest twentieth',
        'cost',
      ],
      ...['time per solved run', 'cost per solved run'],
    ],
    policies.map(policy => {
      const found = of(experiment).filter(row => row.policy === policy)
      const share = key => percent(mean(found.map(perMessage(key))))
      return [
        `\`${policy}\``,
        percent(mean(found.map(solved))),
        mean(found.map(perMessage('crossings'))).toFixed(2),
        share('stale'),
        share('overlooked'),
        percent(mean(found.map(({ means }) => means.discarded[0] / means.written[0]))),
        ...['time', 'delayP95', 'cost'].map(key => factor(geometric(found.map(ratio(key))))),
        ...['time', 'cost'].map(key => perSolved(found, key)),
      ]
    }),
  )

/** How one measure changes from experiment to experiment: a row for each, a column for each policy. */
const byExperiment = (experiments, cell) =>
  table(
    ['', ...policies.map(policy => `\`${policy}\``)],
    experiments
      .filter(([name]) => has(name))
      .map(([name, title]) => [title, ...policies.map(policy => cell(of(name).filter(row => row.policy === policy)))]),
  )

const groupsOf = value =>
  scenarios.map(scenario => ({
    title: scenario,
    rows: policies.map(policy => {
      const [middle, low, high] = value(find('main', scenario, policy))
      return { label: policy, value: middle, low, high, ours: policy.startsWith('hold') }
    }),
  }))

const [{ seeds }] = of('main')
const sampled = `Four participants, ${seeds} seeds, intervals of 95 %.`
const ratioChart = (title, better, key) => ({
  title,
  note: `Below 1 is ${better} than hold. ${sampled}`,
  groups: groupsOf(({ ratios }) => ratios[key]),
  scale: { least: 0.25, most: 4, log: true },
  ticks: [0.25, 0.5, 1, 2, 4],
  format: factor,
})
const charts = {
  solved: {
    title: 'Runs whose result is right',
    note: sampled,
    groups: groupsOf(({ means }) => means.solved),
    scale: { least: 0, most: 1 },
    ticks: [0, 0.5, 1],
    format: percent,
  },
  time: ratioChart('Time until the last message, divided by that of hold', 'faster', 'time'),
  cost: ratioChart('Price of the tokens, divided by that of hold', 'cheaper', 'cost'),
}
const isCheck = process.argv.includes('--check')

function save(url, text) {
  if (!isCheck) return writeFileSync(url, text)
  if (readFileSync(url, 'utf8') === text) return
  console.error(`${fileURLToPath(url)} is not up to date: npm run arena:write`)
  process.exitCode = 1
}

for (const [name, chart] of Object.entries(charts)) save(new URL(`arena/${name}.svg`, docs), intervalChart(chart))

const sizes = [
  ['participants-2', '2'],
  ['participants-3', '3'],
  ['main', '4'],
  ['participants-8', '8'],
  ['participants-16', '16'],
]
const lineups = [
  ['main', 'all alike'],
  ...['slow', 'chatty', 'absent', 'failing', 'hostile'].map(name => [`lineup-${name}`, `one ${name}`]),
]
const sensitivity = [
  ['main', 'as in the first table'],
  ['perfect-revision', 'notice and revise without fault'],
  ['bad-revision', 'notice half, revise half of that rightly'],
  ['keep-nothing', 'keep nothing when revising'],
  ['costly-reading', 'reading 50 times slower'],
  ['slow-models', 'models ten times slower'],
  ['participants-16', '16 participants'],
]
const solvedOf = found => percent(mean(found.map(solved)))
const ratioOf = key => found => factor(geometric(found.map(ratio(key))))

const blocks = {
  overview: overview('main'),
  solved: byScenario(
    'main',
    row => percent(solved(row)),
    found => percent(mean(found.map(solved))),
  ),
  time: byScenario(
    'main',
    ({ ratios }) => `${factor(ratios.time[0])} (${factor(ratios.time[1])} to ${factor(ratios.time[2])})`,
    found => factor(geometric(found.map(ratio('time')))),
  ),
  discarded: byScenario(
    'main',
    ({ means, ratios }) =>
      `${percent(means.discarded[0] / means.written[0])}, ${factor(ratios.discarded[0])} (${factor(ratios.discarded[1])} to ${factor(ratios.discarded[2])})`,
    found => percent(mean(found.map(({ means }) => means.discarded[0] / means.written[0]))),
  ),
  delays: byScenario(
    'main',
    ({ means, most }) => `${seconds(means.delayMedian[0])}, ${seconds(means.delayP95[0])}, ${seconds(most.delayMost)}`,
    () => '-',
  ),
  attempts: table(
    ['participants', ...scenarios],
    sizes
      .filter(([name]) => has(name))
      .map(([name, title]) => [
        title,
        ...scenarios.map(scenario => find(name, scenario, 'hold')?.most.attemptsMost ?? ''),
      ]),
  ),
  'sizes-solved': byExperiment(sizes, solvedOf),
  'sizes-time': byExperiment(sizes, ratioOf('time')),
  'lineups-solved': byExperiment(lineups, solvedOf),
  'lineups-time': byExperiment(lineups, ratioOf('time')),
  'sensitivity-solved': byExperiment(sensitivity, solvedOf),
  'sensitivity-time': byExperiment(sensitivity, ratioOf('time')),
  'sensitivity-cost': byExperiment(sensitivity, ratioOf('cost')),
}

const page = new URL('arena.md', docs)
let text = readFileSync(page, 'utf8')
for (const [name, block] of Object.entries(blocks)) {
  const [begin, end] = [`<!-- ${name}: begin -->`, `<!-- ${name}: end -->`]
  const from = text.indexOf(begin)
  const to = text.indexOf(end)
  if (from < 0 || to < from) continue
  text = `${text.slice(0, from + begin.length)}\n${block}\n${text.slice(to)}`
}
save(page, text)
