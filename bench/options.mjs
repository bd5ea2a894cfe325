import { writeFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { svgChart } from './svg-chart.mjs'

const { values } = parseArgs({
  options: {
    quick: { type: 'boolean' },
    rounds: { type: 'string' },
    json: { type: 'string' },
    only: { type: 'string' },
    svg: { type: 'string' },
  },
})

/** Number of rounds: `--rounds N`. Default 5; `--quick` runs one, only to try the benchmark. */
export const rounds = Number(values.rounds ?? (values.quick ? 1 : 5))

/** Warm-up and measurement of one run in milliseconds; `calls` is a warm-up in calls. */
export const durations = values.quick
  ? { warm: 500, measured: 500, calls: 5_000 }
  : { warm: 1000, measured: 1500, calls: 25_000 }

export const quick = values.quick === true

/** Tells whether `--only TEXT` selects a row: its name contains TEXT. */
export const isSelected = ({ what }) => values.only === undefined || what.includes(values.only)

/** Writes all runs to `--json FILE`, and a chart of the ratios to `--svg FILE`. */
export function saveResults(results) {
  const run = { node: process.version, rounds }
  if (values.json) writeFileSync(values.json, `${JSON.stringify({ ...run, results }, null, 2)}\n`)
  const title = `Node ${process.version}, medians of ${rounds} interleaved runs; a black line is the aim`
  if (values.svg) writeFileSync(values.svg, svgChart(results, title))
}
