// One run: publishers and readers under load. Sends the delivery times of eight probes, the throughput, and the memory and
// descriptors of the server.
import { setTimeout as sleep } from 'node:timers/promises'
import { deliveryTimes, startProcesses } from './processes.mjs'

const [peer, json] = process.argv.slice(2)
const { warm, measured, publishers, rate, others = {} } = JSON.parse(json)
const processes = await startProcesses(peer, { readerCounts: { probe: 8, ...others }, publishers, rate, warm })
const idle = await processes.state()
await processes.startPublishing()
await sleep(500)
// The report of the warm-up takes a while, in which publishing pauses. Measure only after the second report.
await processes.report()
await sleep(500)
await processes.report()
const began = performance.now()
await sleep(measured)
const { publishedAt, answered, delivered } = await processes.report()
const seconds = (performance.now() - began) / 1000
const busy = await processes.state()
await processes.stopPublishing()
const late = await processes.report()
const receivedAt = [...delivered.probe.receivedAt, ...late.delivered.probe.receivedAt]
const { count, median, p99 } = deliveryTimes(publishedAt, receivedAt)
const deliveries = Object.values(delivered).reduce((sum, { deliveries }) => sum + deliveries, 0)
const readers = 8 + Object.values(others).reduce((sum, count) => sum + count, 0)
await processes.closeStreams()
await sleep(500)
const after = await processes.state()
await processes.end()
process.send({
  value: median,
  median,
  p99,
  count,
  published: publishedAt.length / seconds,
  answered: answered / seconds,
  /** Messages per second that were acknowledged and that every reader got. */
  delivered: Math.min(answered, deliveries / readers) / seconds,
  deliveries,
  grown: busy.rss - idle.rss,
  left: after.descriptors - processes.before.descriptors,
})
process.disconnect()
