// The whole server, flushed and in memory, compared with a server of node:http alone: `npm run bench:server`.

import { compare } from '../compare.mjs'
import { median } from '../core/measure.mjs'
import { isSelected, quick, rounds, saveResults } from '../options.mjs'
import { resultOf } from '../process.mjs'
import { clearProgress, progress } from '../progress.mjs'

const warm = quick ? 2_000 : 25_000
const measured = quick ? 1_000 : 5_000

const load = options => peer =>
  resultOf('./load.mjs', import.meta.url, peer, JSON.stringify({ warm, measured, publishers: 16, ...options }))

/** Uses another field of a run as its value. */
const by = (field, measure) => async peer => {
  const result = await measure(peer)
  return { ...result, value: result[field] }
}

const flushes = await resultOf('./flush.mjs', import.meta.url, quick ? 200 : 1000)
const flush = `one flush takes ${flushes.value.toFixed(2)} ms, 99th percentile ${flushes.p99.toFixed(2)} ms`

const othersOf = count => ({ plain: count - 8 })
const publishing = [8, 50].flatMap(readers => {
  const what = `16 publishers, each after its last answer, ${readers} readers: messages`
  const row = { unit: '/s', measure: by('published', load({ others: othersOf(readers) })) }
  const aims = { raw: { atLeast: readers === 8 ? 1 : 3 } }
  return [
    { ...row, what: `${what}, flushed, against raw not flushed`, peers: ['flushed', 'raw'], aims },
    { ...row, what: `${what}, in memory`, peers: ['ours', 'raw'] },
  ]
})

const recording = [
  ['16 publishers, each after its last answer, 8 readers: messages', '/s', 'published', {}],
  ['500 messages a second, 8 readers: median delivery', 'ms', 'median', { rate: 500 }],
  ['500 messages a second, 8 readers: 99th percentile', 'ms', 'p99', { rate: 500 }],
].flatMap(([what, unit, field, options]) => {
  const row = { unit, measure: by(field, load(options)) }
  return [
    { ...row, what: `a recorded room, in memory: ${what}`, peers: ['recorded', 'observed'] },
    { ...row, what: `a recorded room, flushed: ${what}`, peers: ['recorded-flushed', 'observed-flushed'] },
  ]
})

const rows = [
  {
    what: `500 messages a second, 8 readers, flushed: median delivery (${flush})`,
    unit: 'ms',
    peers: ['flushed', 'raw'],
    measure: by('median', load({ rate: 500 })),
  },
  {
    what: '500 messages a second, 8 readers, flushed: 99th percentile',
    unit: 'ms',
    peers: ['flushed', 'raw'],
    measure: by('p99', load({ rate: 500 })),
  },
  ...publishing,
  ...recording,
  {
    what: 'an idle stream and its session, of 10,000 (aim <= 40 kB)',
    unit: 'kB',
    peers: ['ours', 'raw'],
    measure: peer => resultOf('./idle.mjs', import.meta.url, peer, quick ? 1_000 : 10_000),
  },
].filter(isSelected)

const results = rows.length > 0 ? await compare('The whole server', rows, rounds) : []

if (isSelected({ what: 'stalled readers' })) results.push(await stalledReaders())
if (isSelected({ what: 'soak' })) results.push(await soak())
saveResults(results)

/** Runs pairs: 300 readers alone, and the same with 200 more that never read. */
async function stalledReaders() {
  const rate = { rate: 1000, publishers: 16 }
  const pairs = []
  for (let round = 0; round < rounds; round++) {
    progress(round, rounds, 'stalled readers')
    const alone = await load({ ...rate, others: { plain: 292 } })('ours')
    const stalled = await load({ ...rate, others: { plain: 292, stalled: 200 } })('ours')
    pairs.push({ alone, stalled })
  }
  clearProgress()
  const ratio = field => median(pairs.map(({ alone, stalled }) => stalled[field] / alone[field]))
  const result = {
    what: 'stalled readers: 200 that never read beside 300, at 1,000 messages a second',
    median: ratio('median'),
    p99: ratio('p99'),
    kilobytes: median(pairs.map(({ alone, stalled }) => (stalled.grown - alone.grown) / 200 / 1000)),
    left: Math.max(...pairs.map(({ stalled }) => stalled.left)),
    pairs,
  }
  console.log(`\n${result.what}, ${rounds} interleaved pairs`)
  console.log(
    `  median delivery of the others ${times(result.median)} (aim <= 1.20x), 99th percentile ${times(result.p99)} (aim <= 2.00x)`,
  )
  console.log(
    `  ${result.kilobytes.toFixed(0)} kB per stalled reader (aim <= 1,049 kB), ${result.left} descriptors left (aim 0)`,
  )
  return result
}

async function soak() {
  const minutes = quick ? 2 : 5
  progress(0, 1, `soak, ${minutes} minutes`)
  const result = await resultOf('./soak.mjs', import.meta.url, 'flushed', minutes)
  clearProgress()
  console.log(
    `\nsoak: heap at minute ${minutes} against minute 1 ${times(result.value)} (aim <= 1.10x), ${result.left} descriptors left (aim 0)`,
  )
  return { what: 'soak', ...result }
}

function times(ratio) {
  return `${ratio.toFixed(2)}x`
}
