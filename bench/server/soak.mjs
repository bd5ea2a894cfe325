// One run: five minutes under load. Says what the heap and the descriptors came to from the first minute to the last.
import { setTimeout as rest } from 'node:timers/promises'
import { staged } from './stage.mjs'

const [contestant, minutes] = process.argv.slice(2).map((arg, at) => (at === 0 ? arg : Number(arg)))
const stage = await staged(contestant, { manners: { plain: 50 }, publishers: 16, rate: 500, warm: 10_000 })
await stage.speak()
const states = []
for (let minute = 1; minute <= minutes; minute++) {
  await rest(60_000)
  // What was said is no part of it.
  await stage.tell()
  states.push(await stage.state())
  const { heapUsed, rss, descriptors } = states.at(-1)
  process.stderr.write(`  minute ${minute}: heap ${mega(heapUsed)}, in all ${mega(rss)}, ${descriptors} descriptors\n`)
}
await stage.hush()
await stage.leave()
await rest(1000)
const after = await stage.state()
await stage.end()
const [first] = states
const last = states.at(-1)
process.send({
  value: last.heapUsed / first.heapUsed,
  grown: last.heapUsed - first.heapUsed,
  left: after.descriptors - stage.before.descriptors,
})
process.disconnect()

function mega(bytes) {
  return `${(bytes / 1e6).toFixed(1)} MB`
}
