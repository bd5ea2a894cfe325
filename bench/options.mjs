import { writeFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { chart } from './chart.mjs'

const { values } = parseArgs({
  options: { quick: { type: 'boolean' }, json: { type: 'string' }, only: { type: 'string' }, svg: { type: 'string' } },
})

/** How often everything is run. `--quick` is for trying: its numbers prove nothing. */
export const rounds = values.quick ? 1 : 5

/** How long one run measures, and how long it warms up before, in milliseconds; or in calls. */
export const spans = values.quick
  ? { warm: 500, measured: 500, calls: 5_000 }
  : { warm: 1000, measured: 1500, calls: 25_000 }

export const quick = values.quick === true

/** With `--only TEXT`, rows whose name holds TEXT. */
export const wanted = ({ what }) => values.only === undefined || what.includes(values.only)

/** With `--json FILE`, writes every run down; with `--svg FILE`, draws what they came to. */
export function keep(results) {
  const of = { node: process.version, rounds }
  if (values.json) writeFileSync(values.json, `${JSON.stringify({ ...of, results }, null, 2)}\n`)
  const title = `Node ${process.version}, medians of ${rounds} interleaved runs; a black line is the aim`
  if (values.svg) writeFileSync(values.svg, chart(results, title))
}
