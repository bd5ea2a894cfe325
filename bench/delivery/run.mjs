// Push to delivery, and fan-out, compared with peers: `npm run bench:delivery`. The log is in memory.
import { compare } from '../compare.mjs'
import { durations, isSelected, quick, rounds, saveResults } from '../options.mjs'
import { resultOf } from '../process.mjs'
import { whyMissing } from './peers/python-server.mjs'

const { warm, measured } = durations

const fanOut = (readers, burst) => peer =>
  resultOf('./fan-out.mjs', import.meta.url, peer, readers, burst, warm, measured)

const pushLatency = count => peer =>
  resultOf('./push-latency.mjs', import.meta.url, peer, peer === 'python-server' ? 5 : count)

const why = whyMissing()
if (why) console.log(`The Python server is left out: ${why}.`)

const latencies = [
  {
    what: 'push to delivery, one at a time: a local draft',
    peers: ['ours', 'raw', ...(why ? [] : ['python-server'])],
    aims: { raw: { atMost: 1.5 } },
  },
  { what: 'push to delivery, one at a time: a hosted draft', peers: ['hosted', 'raw'] },
].map(row => ({ ...row, unit: 'µs', measure: pushLatency(quick ? 500 : 3000) }))

const singles = [8, 50, 500].map(readers => ({
  what: `fan-out of single messages, ${readers} readers`,
  unit: '/s',
  peers: ['ours', 'raw', 'better-sse'],
  aims: { raw: { atLeast: 1 }, 'better-sse': { atLeast: 1.3 } },
  measure: fanOut(readers, 1),
}))

const bursts = [8, 50, 500].map(readers => ({
  what: `fan-out of bursts of 8 a tick, ${readers} readers`,
  unit: '/s',
  peers: ['ours', 'raw', 'better-sse', 'socket-io'],
  aims: { raw: { atLeast: 1.5 }, 'better-sse': { atLeast: 3 }, 'socket-io': { atLeast: 2 } },
  measure: fanOut(readers, 8),
}))

saveResults(
  await compare('Delivery, nothing durable', [...latencies, ...singles, ...bursts].filter(isSelected), rounds),
)
