// Draws one chart of several runs: `node bench/combine-charts.mjs CHART.svg RUN.json…`, with files written by `--json`.
import { readFileSync, writeFileSync } from 'node:fs'
import { svgChart } from './svg-chart.mjs'

const [target, ...sources] = process.argv.slice(2)
const runs = sources.map(file => JSON.parse(readFileSync(file, 'utf8')))
const { node, rounds } = runs[0]
const title = `Node ${node}, medians of ${rounds} interleaved runs; a black line is the aim`
writeFileSync(
  target,
  svgChart(
    runs.flatMap(({ results }) => results),
    title,
  ),
)
