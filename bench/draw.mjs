// One chart of several runs: `node bench/draw.mjs CHART.svg RUN.json…`, each written by `--json`.
import { readFileSync, writeFileSync } from 'node:fs'
import { chart } from './chart.mjs'

const [to, ...from] = process.argv.slice(2)
const runs = from.map(file => JSON.parse(readFileSync(file, 'utf8')))
const { node, rounds } = runs[0]
const title = `Node ${node}, medians of ${rounds} interleaved runs; a black line is the aim`
writeFileSync(
  to,
  chart(
    runs.flatMap(({ results }) => results),
    title,
  ),
)
