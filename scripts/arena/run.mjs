// Plays the experiments of docs/arena.md: `npm run arena:report`. Writes docs/arena/results.ndjson, from which write.mjs makes the
// tables and charts.
import { mkdirSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { play } from './play.mjs'

const usage = `Usage: npm run arena:report -- [--set report|tuning] [--only NAME] [--seeds N] [--workers N] [--to FILE]

  --set NAME   report: the tables of docs/arena.md. tuning: variants of the defaults. Default report.
  --only NAME  Plays only experiments whose name has this in it.
  --seeds N    Plays fewer seeds, for a look.
  --workers N  Default: one for each core.
  --to FILE    Default docs/arena/results.ndjson, or tuning.ndjson.`

const text = { type: 'string' }
const { values } = parseArgs({
  options: {
    set: { ...text, default: 'report' },
    only: text,
    seeds: text,
    workers: text,
    to: text,
    help: { type: 'boolean' },
  },
})
if (values.help) {
  console.log(usage)
  process.exit(0)
}
const name = values.set === 'tuning' ? 'tuning' : 'results'
const file = values.to ?? fileURLToPath(new URL(`../../docs/arena/${name}.ndjson`, import.meta.url))
let last = 0
const rows = await play(values.set, {
  ...(values.only && { only: new RegExp(values.only) }),
  ...(values.seeds && { seeds: Number(values.seeds) }),
  ...(values.workers && { workers: Number(values.workers) }),
  say: line => {
    if (Date.now() - last < 5_000) return
    last = Date.now()
    process.stderr.write(`${line}\n`)
  },
})
mkdirSync(new URL('../../docs/arena/', import.meta.url), { recursive: true })
writeFileSync(file, rows.map(row => `${JSON.stringify(row)}\n`).join(''))
console.log(`${rows.length} rows are in ${file}.`)
