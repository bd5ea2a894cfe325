// One run: minutes under load. Sends the heap at the last minute relative to the first, and the descriptors left open.
import { setTimeout as sleep } from 'node:timers/promises'
import { startProcesses } from './processes.mjs'

const [peer, minutes] = process.argv.slice(2).map((arg, at) => (at === 0 ? arg : Number(arg)))
const processes = await startProcesses(peer, { readerCounts: { plain: 50 }, publishers: 16, rate: 500, warm: 10_000 })
await processes.startPublishing()
const states = []
for (let minute = 1; minute <= minutes; minute++) {
  await sleep(60_000)
  // Empties the report buffers before memory is measured.
  await processes.report()
  states.push(await processes.state())
  const { heapUsed, rss, descriptors } = states.at(-1)
  process.stderr.write(
    `  minute ${minute}: heap ${megabytes(heapUsed)}, resident ${megabytes(rss)}, ${descriptors} descriptors\n`,
  )
}
await processes.stopPublishing()
await processes.closeStreams()
await sleep(1000)
const after = await processes.state()
await processes.end()
const [first] = states
const last = states.at(-1)
process.send({
  value: last.heapUsed / first.heapUsed,
  grown: last.heapUsed - first.heapUsed,
  left: after.descriptors - processes.before.descriptors,
})
process.disconnect()

function megabytes(bytes) {
  return `${(bytes / 1e6).toFixed(1)} MB`
}
