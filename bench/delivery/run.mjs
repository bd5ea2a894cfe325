// Push to delivered, and fan-out, beside their peers: `npm run bench:delivery`. Needs no durability: the log is in memory.
import { compare } from '../compare.mjs'
import { keep, quick, rounds, spans, wanted } from '../options.mjs'
import { resultOf } from '../process.mjs'
import { missing } from './contestants/seed.mjs'

const { warm, measured } = spans

const fanOut = (readers, burst) => contestant =>
  resultOf('./fan-out.mjs', import.meta.url, contestant, readers, burst, warm, measured)

const under = count => contestant =>
  resultOf('./one-at-a-time.mjs', import.meta.url, contestant, contestant === 'seed' ? 5 : count)

const why = missing()
if (why) console.log(`The existing Python chat server is left out: ${why}.`)

const oneAtATime = [
  {
    what: 'push to delivered, one at a time: a draft kept by its author',
    contestants: ['ours', 'raw', ...(why ? [] : ['seed'])],
    aims: { raw: { atMost: 1.5 } },
  },
  { what: 'push to delivered, one at a time: a hosted draft', contestants: ['hosted', 'raw'] },
].map(row => ({ ...row, unit: 'µs', measure: under(quick ? 500 : 3000) }))

const singles = [8, 50, 500].map(readers => ({
  what: `fan-out of single messages, ${readers} readers`,
  unit: '/s',
  contestants: ['ours', 'raw', 'better-sse'],
  aims: { raw: { atLeast: 1 }, 'better-sse': { atLeast: 1.3 } },
  measure: fanOut(readers, 1),
}))

const bursts = [8, 50, 500].map(readers => ({
  what: `fan-out of bursts of 8 a tick, ${readers} readers`,
  unit: '/s',
  contestants: ['ours', 'raw', 'better-sse', 'socket-io'],
  aims: { raw: { atLeast: 1.5 }, 'better-sse': { atLeast: 3 }, 'socket-io': { atLeast: 2 } },
  measure: fanOut(readers, 8),
}))

keep(await compare('Delivery, nothing durable', [...oneAtATime, ...singles, ...bursts].filter(wanted), rounds))
