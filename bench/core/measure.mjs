import { clearProgress, progress } from '../progress.mjs'

/** Returns the median. */
export const median = values => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)]

/** Returns operations per second. `run(count)` does all of them and may be asynchronous. */
export async function perSecond(count, run) {
  const start = performance.now()
  await run(count)
  return (count * 1000) / (performance.now() - start)
}

/** Returns the microseconds per call of `run`, over `count` calls. */
export function microseconds(count, run) {
  const start = performance.now()
  for (let i = 0; i < count; i++) run()
  return ((performance.now() - start) * 1000) / count
}

/** Returns the bytes of heap that the result of `make` retains. Needs --expose-gc. */
export function bytesOf(make) {
  globalThis.gc()
  const before = process.memoryUsage().heapUsed
  const kept = make()
  globalThis.gc()
  const bytes = process.memoryUsage().heapUsed - before
  return { bytes, kept }
}

const show = (value, unit) => {
  if (unit === '/s') return value >= 1e6 ? `${(value / 1e6).toFixed(1)}M/s` : `${(value / 1e3).toFixed(0)}k/s`
  if (unit === 'kB') return `${(value / 1000).toFixed(1)} kB`
  if (unit === 'B') return `${value.toFixed(0)} B`
  return `${value.toFixed(unit === 'x' ? 2 : 1)}${unit === 'x' ? 'x' : ` ${unit}`}`
}

/** Measures each row once per round, so that all rows meet the same load, and prints the medians. */
export async function table(title, rows, rounds = 5) {
  const measured = rows.map(() => [])
  for (let round = 0; round <= rounds; round++) {
    for (const [index, row] of rows.entries()) {
      progress(round, rounds + 1, row.what)
      const value = await row.measure()
      // The first round only warms up.
      if (round > 0) measured[index].push(value)
    }
  }
  clearProgress()
  console.log(`\n${title}\nNode ${process.version}, medians of ${rounds} interleaved runs\n`)
  console.log('| what | aim | value | met |\n| --- | --- | --- | --- |')
  for (const [index, { what, unit, atLeast, atMost }] of rows.entries()) {
    const value = median(measured[index])
    const aim =
      atLeast !== undefined ? `>= ${show(atLeast, unit)}` : atMost !== undefined ? `<= ${show(atMost, unit)}` : 'stated'
    const met = aim === 'stated' ? '' : value >= (atLeast ?? -Infinity) && value <= (atMost ?? Infinity) ? 'yes' : 'no'
    console.log(`| ${what} | ${aim} | ${show(value, unit)} | ${met} |`)
  }
}
