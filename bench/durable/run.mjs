// `midsentence serve` as shipped beside servers that also answer only after a flush, and the old dialect beside node:http:
// `npm run bench:durable`.
import { compare } from '../compare.mjs'
import { isSelected, quick, rounds, saveResults } from '../options.mjs'
import { resultOf } from '../process.mjs'
import * as nats from '../server/peers/nats.mjs'
import * as postgres from '../server/peers/postgres.mjs'
import * as redis from '../server/peers/redis.mjs'

const durablePeers = Object.entries({ nats, redis, postgres }).flatMap(([name, { missing }]) => {
  const needed = missing()
  if (needed) console.error(`Without ${name}: install ${needed}.`)
  return needed ? [] : [name]
})

const warm = quick ? 2_000 : 5_000
const measured = quick ? 1_000 : 3_000

/** One load, measured once per peer and round for several rows. */
function loadRows({ what, peers, readers, rate, values }) {
  const runs = new Map()
  const options = { warm, measured, publishers: 16, rate, others: { plain: readers - 8 } }
  const runOf = (peer, round) => {
    const key = `${peer} ${round}`
    const run = runs.get(key) ?? resultOf('../server/load.mjs', import.meta.url, peer, JSON.stringify(options))
    runs.set(key, run)
    return run
  }
  return values.map(({ field, unit, name, aims = {} }) => {
    const counts = new Map()
    return {
      what: `${what}, ${readers} readers: ${name}`,
      unit,
      peers,
      aims,
      async measure(peer) {
        const round = counts.get(peer) ?? 0
        counts.set(peer, round + 1)
        const run = await runOf(peer, round)
        return { ...run, value: run[field] }
      },
    }
  })
}

const aimsOf = aim => Object.fromEntries(durablePeers.map(peer => [peer, aim]))
const messages = aims => ({ field: 'delivered', unit: '/s', name: 'messages acknowledged and delivered', aims })
const medianDelivery = aims => ({ field: 'median', unit: 'ms', name: 'median delivery', aims })
const slowest = { field: 'p99', unit: 'ms', name: '99th percentile of delivery' }

const peers = ['shipped', ...durablePeers, 'raw']
const besideDurable = [8, 50, 100].flatMap(readers => [
  ...loadRows({
    what: '16 publishers, each after its last answer',
    peers,
    readers,
    values: [messages(aimsOf({ atLeast: 2 })), medianDelivery(aimsOf({ atMost: 1 })), slowest],
  }),
  ...loadRows({
    what: '200 messages a second',
    peers,
    readers,
    rate: 200,
    values: [medianDelivery(aimsOf({ atMost: 1 })), slowest],
  }),
])

const oldDialect = ['legacy', 'legacy-memory'].flatMap(ours => [
  ...loadRows({
    what: `old dialect (${ours}), one client that posts 16 at a time`,
    peers: [ours, 'raw'],
    readers: 100,
    values: [messages({ raw: { atLeast: 1 } }), medianDelivery(), slowest],
  }),
  ...loadRows({
    what: `old dialect (${ours}), 500 messages a second`,
    peers: [ours, 'raw'],
    readers: 8,
    rate: 500,
    values: [medianDelivery(), slowest],
  }),
])

const rows = [...besideDurable, ...oldDialect].filter(isSelected)
saveResults(await compare('Beside durable peers', rows, rounds))
