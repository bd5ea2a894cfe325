import { median } from './core/measure.mjs'
import { clearProgress, progress } from './progress.mjs'

/**
 * Measures rows side by side: each round runs all peers of a row in turn, starting with another one each time.
 * `measure(peer)` resolves with `{ value, cpu? }`, where `cpu` is the server's CPU time per operation. Ratios are taken within a
 * round, so that both sides ran under the same load of the machine; the table shows their median.
 */
export async function compare(title, rows, rounds) {
  const runs = rows.map(({ peers }) => peers.map(() => []))
  for (let round = 0; round < rounds; round++) {
    for (const [index, { what, peers, measure }] of rows.entries()) {
      progress(round, rounds, what)
      for (const turn of peers.keys()) {
        const at = (turn + round) % peers.length
        runs[index][at].push(await measure(peers[at]))
      }
    }
  }
  clearProgress()
  const results = rows.flatMap((row, index) => resultsOf(row, runs[index]))
  console.log(`\n${title}\nNode ${process.version}, medians of ${rounds} interleaved runs\n`)
  console.log('| what | against | aim | ratio | from … to | by CPU time | ours | theirs | met |')
  console.log(`|${' --- |'.repeat(9)}`)
  for (const result of results) console.log(tableRow(result))
  return results
}

/** Compares the first peer, ours, with each of the others. */
function resultsOf({ what, unit, peers, aims = {} }, [ours, ...others]) {
  return others.map((theirs, index) => {
    const against = peers[index + 1]
    const ratios = theirs.map(({ value }, round) => ours[round].value / value)
    const cpus = theirs.flatMap(({ cpu }, round) => (cpu && ours[round].cpu ? [cpu / ours[round].cpu] : []))
    const aim = aims[against]
    const ratio = median(ratios)
    const met = aim && ratio >= (aim.atLeast ?? -Infinity) && ratio <= (aim.atMost ?? Infinity)
    const cpu = cpus.length > 0 ? { cpu: median(cpus) } : {}
    return { what, against, unit, aim, met, ratio, ratios, ...cpu, cpus, ours, theirs }
  })
}

function tableRow({ what, against, unit, aim, met, ratio, ratios, cpu, ours, theirs }) {
  const aimText = aim?.atLeast !== undefined ? `>= ${aim.atLeast}x` : aim ? `<= ${aim.atMost}x` : 'stated'
  const spread = `${times(Math.min(...ratios))} … ${times(Math.max(...ratios))}`
  const values = [ours, theirs].map(runs => formatValue(median(runs.map(({ value }) => value)), unit))
  const verdict = aim ? (met ? 'yes' : 'no') : ''
  const cells = [what, against, aimText, times(ratio), spread, cpu ? `${cpu.toFixed(2)}x` : '', ...values, verdict]
  return `| ${cells.join(' | ')} |`
}

const times = ratio => (ratio < 0.01 ? `1/${Math.round(1 / ratio)}` : `${ratio.toFixed(2)}x`)

const formatValue = (value, unit) => (unit === '/s' ? `${(value / 1000).toFixed(1)}k/s` : `${value.toFixed(2)} ${unit}`)
