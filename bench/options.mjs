import { writeFileSync } from 'node:fs'
import { parseArgs } from 'node:util'

const { values } = parseArgs({
  options: { quick: { type: 'boolean' }, json: { type: 'string' }, only: { type: 'string' } },
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

/** With `--json FILE`, writes every run down. */
export function keep(results) {
  if (values.json)
    writeFileSync(values.json, `${JSON.stringify({ node: process.version, rounds, results }, null, 2)}\n`)
}
