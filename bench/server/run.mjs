// The server as a whole, durable and not, beside a server of node:http alone: `npm run bench:server`.

import { compare } from '../compare.mjs'
import { median } from '../core/measure.mjs'
import { keep, quick, rounds, wanted } from '../options.mjs'
import { resultOf } from '../process.mjs'
import { progress, settled } from '../progress.mjs'

const warm = quick ? 2_000 : 25_000
const measured = quick ? 1_000 : 5_000

const flow = options => contestant =>
  resultOf('./flow.mjs', import.meta.url, contestant, JSON.stringify({ warm, measured, publishers: 16, ...options }))

/** The same run, by what it delivers in a second, or by its slowest hundredth. */
const by = (what, measure) => async contestant => {
  const result = await measure(contestant)
  return { ...result, value: result[what] }
}

const flushes = await resultOf('./flush.mjs', import.meta.url, quick ? 200 : 1000)
const flush = `one flush takes ${flushes.value.toFixed(2)} ms, one in a hundred ${flushes.p99.toFixed(2)} ms`

const many = count => ({ plain: count - 8 })
const publishing = [8, 50].flatMap(readers => {
  const what = `16 publishers, each as soon as it was answered, ${readers} readers: messages said`
  const row = { unit: '/s', measure: by('said', flow({ others: many(readers) })) }
  const aims = { raw: { atLeast: readers === 8 ? 1 : 3 } }
  return [
    { ...row, what: `${what}, flushed, against raw not flushed`, contestants: ['flushed', 'raw'], aims },
    { ...row, what: `${what}, in memory`, contestants: ['ours', 'raw'] },
  ]
})

const rows = [
  {
    what: `500 messages a second, 8 readers, flushed: middle delivery (${flush})`,
    unit: 'ms',
    contestants: ['flushed', 'raw'],
    measure: by('median', flow({ rate: 500 })),
  },
  {
    what: '500 messages a second, 8 readers, flushed: slowest hundredth',
    unit: 'ms',
    contestants: ['flushed', 'raw'],
    measure: by('p99', flow({ rate: 500 })),
  },
  ...publishing,
  {
    what: 'an idle stream and its session, of 10,000 (aim <= 40 kB)',
    unit: 'kB',
    contestants: ['ours', 'raw'],
    measure: contestant => resultOf('./idle.mjs', import.meta.url, contestant, quick ? 1_000 : 10_000),
  },
].filter(wanted)

const results = rows.length > 0 ? await compare('A server, in processes of its own', rows, rounds) : []

if (wanted({ what: 'readers that never read' })) results.push(await deaf())
if (wanted({ what: 'soak' })) results.push(await soak())
keep(results)

/** Pairs of runs: 300 readers alone, and the same beside 200 that never read. */
async function deaf() {
  const rate = { rate: 1000, publishers: 16 }
  const pairs = []
  for (let round = 0; round < rounds; round++) {
    progress(round, rounds, 'readers that never read')
    const alone = await flow({ ...rate, others: { plain: 292 } })('ours')
    const beside = await flow({ ...rate, others: { plain: 292, deaf: 200 } })('ours')
    pairs.push({ alone, beside })
  }
  settled()
  const ratio = what => median(pairs.map(({ alone, beside }) => beside[what] / alone[what]))
  const result = {
    what: 'readers that never read: 200 beside 300 at 1,000 messages a second',
    median: ratio('median'),
    p99: ratio('p99'),
    kilobytes: median(pairs.map(({ alone, beside }) => (beside.grown - alone.grown) / 200 / 1000)),
    left: Math.max(...pairs.map(({ beside }) => beside.left)),
    pairs,
  }
  console.log(`\n${result.what}, ${rounds} interleaved pairs`)
  console.log(
    `  the others' middle delivery ${times(result.median)} (aim <= 1.20x), slowest hundredth ${times(result.p99)} (aim <= 2.00x)`,
  )
  console.log(
    `  ${result.kilobytes.toFixed(0)} kB a deaf reader (aim <= 1,049 kB), ${result.left} descriptors left (aim 0)`,
  )
  return result
}

async function soak() {
  const minutes = quick ? 2 : 5
  progress(0, 1, `soak, ${minutes} minutes`)
  const result = await resultOf('./soak.mjs', import.meta.url, 'flushed', minutes)
  settled()
  console.log(
    `\nsoak: heap at minute ${minutes} against minute 1 ${times(result.value)} (aim <= 1.10x), ${result.left} descriptors left (aim 0)`,
  )
  return { what: 'soak', ...result }
}

function times(ratio) {
  return `${ratio.toFixed(2)}x`
}
