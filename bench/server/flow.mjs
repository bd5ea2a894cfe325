// One run: how long deliveries to eight probes are under way while so much is said and so many others listen, or do not.
import { setTimeout as rest } from 'node:timers/promises'
import { delays, staged } from './stage.mjs'

const [contestant, json] = process.argv.slice(2)
const { warm, measured, publishers, rate, others = {} } = JSON.parse(json)
const stage = await staged(contestant, { manners: { probe: 8, ...others }, publishers, rate, warm })
const calm = await stage.state()
await stage.speak()
await rest(500)
// To tell of all that was said to warm up takes a while, in which nobody speaks: only what comes behind that counts.
await stage.tell()
await rest(500)
await stage.tell()
const began = performance.now()
await rest(measured)
const { saidAt, answered, told } = await stage.tell()
const seconds = (performance.now() - began) / 1000
const busy = await stage.state()
await stage.hush()
const late = await stage.tell()
const { count, median, p99 } = delays(saidAt, [...told.probe.heardAt, ...late.told.probe.heardAt])
const deliveries = Object.values(told).reduce((sum, { deliveries }) => sum + deliveries, 0)
await stage.leave()
await rest(500)
const after = await stage.state()
await stage.end()
process.send({
  value: median,
  median,
  p99,
  count,
  said: saidAt.length / seconds,
  answered: answered / seconds,
  deliveries,
  grown: busy.rss - calm.rss,
  left: after.descriptors - stage.before.descriptors,
})
process.disconnect()
