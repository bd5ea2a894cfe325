import { median } from './core/measure.mjs'
import { progress, settled } from './progress.mjs'

/**
 * Measures every row side by side: in each round all contestants of a row, one right after the other, each time another
 * first. `measure(contestant)` gives `{ value, cpu? }`: what is compared, and the server's own time for one of it.
 * A ratio is made within its round, so both sides met the same weather; then the middle one is taken.
 */
export async function compare(title, rows, rounds) {
  const runs = rows.map(({ contestants }) => contestants.map(() => []))
  for (let round = 0; round < rounds; round++) {
    for (const [index, { what, contestants, measure }] of rows.entries()) {
      progress(round, rounds, what)
      for (const turn of contestants.keys()) {
        const place = (turn + round) % contestants.length
        runs[index][place].push(await measure(contestants[place]))
      }
    }
  }
  settled()
  const results = rows.flatMap((row, index) => resultsOf(row, runs[index]))
  console.log(`\n${title}\nNode ${process.version}, medians of ${rounds} interleaved runs\n`)
  console.log('| what | against | aim | ratio | from … to | by CPU time | ours | theirs | met |')
  console.log(`|${' --- |'.repeat(9)}`)
  for (const result of results) console.log(line(result))
  return results
}

/** One line for each peer of the first contestant, which is ours. */
function resultsOf({ what, unit, contestants, aims = {} }, [ours, ...theirs]) {
  return theirs.map((peers, index) => {
    const against = contestants[index + 1]
    const ratios = peers.map(({ value }, round) => ours[round].value / value)
    const cpus = peers.flatMap(({ cpu }, round) => (cpu && ours[round].cpu ? [cpu / ours[round].cpu] : []))
    const aim = aims[against]
    const ratio = median(ratios)
    const met = aim && ratio >= (aim.atLeast ?? -Infinity) && ratio <= (aim.atMost ?? Infinity)
    const cpu = cpus.length > 0 ? { cpu: median(cpus) } : {}
    return { what, against, unit, aim, met, ratio, ratios, ...cpu, cpus, ours, theirs: peers }
  })
}

function line({ what, against, unit, aim, met, ratio, ratios, cpu, ours, theirs }) {
  const said = aim?.atLeast !== undefined ? `>= ${aim.atLeast}x` : aim ? `<= ${aim.atMost}x` : 'stated'
  const spread = `${times(Math.min(...ratios))} … ${times(Math.max(...ratios))}`
  const values = [ours, theirs].map(runs => show(median(runs.map(({ value }) => value)), unit))
  const verdict = aim ? (met ? 'yes' : 'no') : ''
  const cells = [what, against, said, times(ratio), spread, cpu ? `${cpu.toFixed(2)}x` : '', ...values, verdict]
  return `| ${cells.join(' | ')} |`
}

const times = ratio => (ratio < 0.01 ? `1/${Math.round(1 / ratio)}` : `${ratio.toFixed(2)}x`)

const show = (value, unit) => (unit === '/s' ? `${(value / 1000).toFixed(1)}k/s` : `${value.toFixed(2)} ${unit}`)
